"""The rules of a payment."""

from itertools import product

import pytest

from jetbridge.kernel.money import Money
from payments.domain.moves import MOVES, PaymentStatus
from payments.domain.payments import Payment, PaymentRequest, Refund
from payments.domain.refusals import AmountDiffers, MoveNotAllowed, RefundTooLarge
from tests.fakes.payments import NOON, request, wanted_back

S = PaymentStatus


def payment(status: PaymentStatus, charge_id: str | None = None) -> Payment:
    """A payment in `status`, as the code can bring it there."""
    begun = Payment.begun(request(), S.VOIDED if status is S.VOIDED else S.REQUESTED, NOON)
    captured = begun if status is S.VOIDED else begun.capture("pi_1", NOON)
    match status:
        case S.DECLINED:
            return begun.decline("generic_decline", NOON)
        case S.CAPTURED:
            return captured
        case S.REFUND_REQUESTED:
            return wanted_back(captured if charge_id else begun)
        case S.PARTLY_REFUNDED:
            return wanted_back(captured, minor=25).give_back(NOON)
        case S.REFUNDED:
            return wanted_back(captured).give_back(NOON)
        case _:
            return begun


TRIALS = {
    S.CAPTURED: lambda it: it.capture("pi_2", NOON),
    S.DECLINED: lambda it: it.decline("generic_decline", NOON),
    S.REFUND_REQUESTED: lambda it: it.want_back(Refund(1, "cause-2", 1, NOON), NOON),
    S.REFUNDED: lambda it: it.give_back(NOON),
}


@pytest.mark.parametrize(("left", "entered"), list(product(S, TRIALS)))
def test_a_payment_makes_the_moves_of_the_table_and_no_others(left: S, entered: S) -> None:
    before = payment(left, "pi_1" if entered is S.REFUNDED else None)
    waits_for_result = (left, entered) == (S.REFUND_REQUESTED, S.CAPTURED)
    ending = S.REFUND_REQUESTED if waits_for_result else entered
    if ending in MOVES[left]:
        after = TRIALS[entered](before)
        assert (after.status, after.version) == (ending, before.version + 1)
    else:
        with pytest.raises(MoveNotAllowed):
            TRIALS[entered](before)


def test_no_status_is_without_its_moves() -> None:
    assert set(MOVES) == set(S)


def test_a_payment_that_is_wanted_back_first_learns_of_its_charge_and_then_awaits_the_refund() -> None:
    wanted = payment(S.REFUND_REQUESTED)
    assert (wanted.awaits_charge, wanted.awaits_refund) == (True, False)
    captured = wanted.capture("pi_1", NOON)
    assert (captured.awaits_charge, captured.awaits_refund) == (False, True)
    refunded = captured.give_back(NOON)
    assert (refunded.captured, refunded.refunded) == (5025, 5025)


@pytest.mark.parametrize("ended", [S.CAPTURED, S.DECLINED, S.PARTLY_REFUNDED, S.REFUNDED, S.VOIDED])
def test_nothing_is_open_in_a_payment_that_rests(ended: S) -> None:
    assert not payment(ended).awaits_charge
    assert not payment(ended).awaits_refund


@pytest.mark.parametrize("other", [Money(5024, "USD"), Money(5025, "EUR")])
def test_a_request_about_another_amount_is_refused(other: Money) -> None:
    with pytest.raises(AmountDiffers):
        payment(S.REQUESTED).must_be(other)


def part(minor: int, cause: str = "cause-2", currency: str = "USD") -> PaymentRequest:
    return request(causation_id=cause, part=Money(minor, currency))


def test_parts_are_given_back_one_by_one_until_nothing_is_left() -> None:
    both = wanted_back(wanted_back(payment(S.CAPTURED), "first", 25), "second", 1000)
    first = both.give_back(NOON)
    assert (first.status, first.refunded, first.causation_id) == (S.REFUND_REQUESTED, 25, "first")
    second = first.give_back(NOON)
    assert (second.status, second.refunded, second.causation_id) == (S.PARTLY_REFUNDED, 1025, "second")
    rest = wanted_back(second, "third")
    assert [refund.minor for refund in rest.refunds] == [25, 1000, 4000]
    assert (rest.give_back(NOON).status, rest.give_back(NOON).refunded) == (S.REFUNDED, 5025)


@pytest.mark.parametrize(
    "status", [S.REQUESTED, S.CAPTURED, S.REFUND_REQUESTED, S.PARTLY_REFUNDED, S.REFUNDED]
)
def test_more_than_is_left_is_refused_whether_given_back_or_only_wanted_back(status: S) -> None:
    before = payment(status)
    left = 5025 - sum(refund.minor for refund in before.refunds)
    with pytest.raises(RefundTooLarge):
        before.refund_for(part(left + 1, "another"), NOON)
    exactly = before.refund_for(part(left, "another"), NOON) if left else None
    assert (exactly.minor if exactly else 0) == left


def test_a_request_counts_once_and_never_with_another_amount() -> None:
    before = payment(S.PARTLY_REFUNDED)
    assert before.refund_for(part(25), NOON) is None
    assert before.refund_for(request(causation_id="cause-2"), NOON) is None
    for other in (part(24), part(25, currency="EUR"), part(1, "another", "EUR")):
        with pytest.raises(AmountDiffers):
            before.refund_for(other, NOON)
    again = before.refund_for(part(25, "another"), NOON)
    assert again == Refund(2, "another", 25, NOON)


@pytest.mark.parametrize("ended", [S.DECLINED, S.VOIDED])
def test_nothing_goes_back_of_what_was_never_taken(ended: S) -> None:
    assert payment(ended).refund_for(part(25), NOON) is None
    assert payment(ended).refund_for(request(), NOON) is None


def test_nothing_is_given_back_before_the_charge_is_known() -> None:
    with pytest.raises(MoveNotAllowed):
        payment(S.REFUND_REQUESTED).give_back(NOON)
