"""The rules of a payment."""

from itertools import product

import pytest

from jetbridge.kernel.money import Money
from payments.domain import MOVES, AmountDiffers, MoveNotAllowed, Payment, PaymentStatus
from tests.fakes.payments import NOON, request

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
            return (captured if charge_id else begun).want_back("cause-2", NOON)
        case S.REFUNDED:
            return captured.want_back("cause-2", NOON).give_back(NOON)
        case _:
            return begun


TRIALS = {
    S.CAPTURED: lambda it: it.capture("pi_2", NOON),
    S.DECLINED: lambda it: it.decline("generic_decline", NOON),
    S.REFUND_REQUESTED: lambda it: it.want_back("cause-2", NOON),
    S.REFUNDED: lambda it: it.give_back(NOON),
}


@pytest.mark.parametrize(("left", "entered"), list(product(S, TRIALS)))
def test_a_payment_makes_the_moves_of_the_table_and_no_others(left: S, entered: S) -> None:
    before = payment(left)
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
    wanted_back = payment(S.REFUND_REQUESTED)
    assert (wanted_back.awaits_charge, wanted_back.awaits_refund) == (True, False)
    captured = wanted_back.capture("pi_1", NOON)
    assert (captured.awaits_charge, captured.awaits_refund) == (False, True)
    refunded = captured.give_back(NOON)
    assert (refunded.captured, refunded.refunded) == (5025, 5025)


@pytest.mark.parametrize("ended", [S.CAPTURED, S.DECLINED, S.REFUNDED, S.VOIDED])
def test_nothing_is_open_in_a_payment_that_rests(ended: S) -> None:
    assert not payment(ended).awaits_charge
    assert not payment(ended).awaits_refund


@pytest.mark.parametrize("other", [Money(5024, "USD"), Money(5025, "EUR")])
def test_a_request_about_another_amount_is_refused(other: Money) -> None:
    with pytest.raises(AmountDiffers):
        payment(S.REQUESTED).must_be(other)
