"""Charges and refunds, by example; test_exactly_once has the interleavings."""

from datetime import timedelta

import pytest

from jetbridge.kernel.clock import Clock
from jetbridge.kernel.money import Money
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment, PaymentRequest
from payments.domain.refusals import AmountDiffers, ChargeInDoubt, ReferenceVoided, RefundTooLarge
from payments.use_cases import charge_payment, refund_payment
from tests.fakes.payments import NOON, FakeProvider, Fault, InMemoryPayments, request, wanted_back


class Desk:
    """The use cases with their ports in place."""

    def __init__(self, declines: str | None = None) -> None:
        self.payments = InMemoryPayments()
        self.provider = FakeProvider(declines=declines)
        self.now = NOON

    @property
    def clock(self) -> Clock:
        return lambda: self.now

    def charge(self, asked: PaymentRequest) -> Payment:
        return charge_payment(asked, payments=self.payments, provider=self.provider, clock=self.clock)

    def refund(self, asked: PaymentRequest) -> Payment:
        return refund_payment(asked, payments=self.payments, provider=self.provider, clock=self.clock)

    def lose_the_answer(self) -> None:
        """The next call reaches the provider, its answer does not reach us."""

        def lose() -> None:
            self.provider.during = lambda: None
            raise Fault("read timeout")

        self.provider.during = lose


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_charge_is_captured(desk: Desk) -> None:
    payment = desk.charge(request())
    assert (payment.status, payment.captured, payment.charge_id) == (PaymentStatus.CAPTURED, 5025, "pi_1")


def test_a_second_request_for_the_same_reference_asks_nobody(desk: Desk) -> None:
    desk.charge(request())
    assert desk.charge(request(causation_id="another message")).status is PaymentStatus.CAPTURED
    assert desk.provider.asked == ["order-1-charge"]


def test_a_declined_card_ends_the_payment_with_the_reason() -> None:
    desk = Desk(declines="insufficient_funds")
    payment = desk.charge(request())
    assert (payment.status, payment.reason, payment.captured) == ("DECLINED", "insufficient_funds", 0)
    assert desk.refund(request()).status is PaymentStatus.DECLINED
    assert desk.provider.log == ["declined"]


def test_another_amount_for_a_known_reference_is_never_charged(desk: Desk) -> None:
    desk.charge(request())
    with pytest.raises(AmountDiffers):
        desk.charge(request(amount=Money(6000, "USD")))
    assert desk.provider.log == ["charged"]


@pytest.mark.parametrize("minor", [1, 5024, 5026])
def test_a_refund_of_another_amount_than_was_charged_is_refused(desk: Desk, minor: int) -> None:
    desk.charge(request())
    with pytest.raises(AmountDiffers):
        desk.refund(request(amount=Money(minor, "USD")))
    assert desk.provider.log == ["charged"]


def test_a_refund_before_the_charge_voids_the_reference_for_good(desk: Desk) -> None:
    assert desk.refund(request()).status is PaymentStatus.VOIDED
    with pytest.raises(ReferenceVoided):
        desk.charge(request())
    assert desk.provider.asked == []


def test_a_refund_gives_back_once_however_often_it_is_asked_for(desk: Desk) -> None:
    desk.charge(request())
    for _ in range(3):
        assert desk.refund(request()).status is PaymentStatus.REFUNDED
    assert desk.provider.log == ["charged", "refunded"]


def test_a_lost_answer_is_learned_by_asking_again_with_the_same_key(desk: Desk) -> None:
    desk.lose_the_answer()
    with pytest.raises(Fault):
        desk.charge(request())
    assert desk.payments.get("order-1").status is PaymentStatus.REQUESTED
    assert desk.charge(request()).status is PaymentStatus.CAPTURED
    assert desk.provider.asked == ["order-1-charge"] * 2
    assert desk.provider.log == ["charged"]


def test_a_refund_learns_the_result_of_a_charge_in_doubt_and_gives_it_back(desk: Desk) -> None:
    desk.lose_the_answer()
    with pytest.raises(Fault):
        desk.charge(request())
    payment = desk.refund(request(causation_id="cancelled"))
    assert (payment.status, payment.causation_id) == (PaymentStatus.REFUNDED, "cancelled")
    assert desk.provider.log == ["charged", "refunded"]


def test_a_charge_in_doubt_is_not_asked_for_again_once_the_provider_may_have_forgotten_it(desk: Desk) -> None:
    desk.lose_the_answer()
    with pytest.raises(Fault):
        desk.charge(request())
    desk.now = NOON + timedelta(hours=24)
    with pytest.raises(ChargeInDoubt):
        desk.charge(request())
    with pytest.raises(ChargeInDoubt):
        desk.refund(request())
    assert desk.provider.log == ["charged"]


def test_a_captured_payment_can_be_given_back_long_after_its_charge(desk: Desk) -> None:
    desk.charge(request())
    desk.now = NOON + timedelta(days=300)
    assert desk.refund(request()).status is PaymentStatus.REFUNDED


def part(minor: int, cause: str = "first") -> PaymentRequest:
    return request(causation_id=cause, part=Money(minor, "USD"))


def test_two_parts_and_the_rest_go_back_each_once(desk: Desk) -> None:
    desk.charge(request())
    for asked in (part(1000), part(1000), part(25, "second"), part(1000), request(causation_id="all")):
        payment = desk.refund(asked)
    assert (payment.status, payment.refunded) == (PaymentStatus.REFUNDED, 5025)
    assert desk.provider.refunded == [1000, 25, 4000]


def test_the_same_part_because_of_something_else_is_another_refund(desk: Desk) -> None:
    desk.charge(request())
    desk.refund(part(1000))
    assert desk.refund(part(1000, "second")).status is PaymentStatus.PARTLY_REFUNDED
    assert desk.provider.refunded == [1000, 1000]


def test_more_than_was_captured_never_goes_back(desk: Desk) -> None:
    desk.charge(request())
    desk.refund(part(5000))
    for asked in (part(26, "second"), part(5026, "third")):
        with pytest.raises(RefundTooLarge):
            desk.refund(asked)
    assert desk.provider.refunded == [5000]


def test_a_part_that_is_asked_for_with_another_amount_is_refused(desk: Desk) -> None:
    desk.charge(request())
    desk.refund(part(1000))
    with pytest.raises(AmountDiffers):
        desk.refund(part(999))
    assert desk.provider.refunded == [1000]


def test_a_part_before_the_charge_voids_the_reference(desk: Desk) -> None:
    assert desk.refund(part(1000)).status is PaymentStatus.VOIDED
    with pytest.raises(ReferenceVoided):
        desk.charge(request())
    assert desk.provider.asked == []


def test_a_part_that_comes_while_the_charge_is_in_doubt_goes_back_once_it_is_known(desk: Desk) -> None:
    desk.lose_the_answer()
    with pytest.raises(Fault):
        desk.charge(request())
    payment = desk.refund(part(1000))
    assert (payment.status, payment.captured, payment.refunded) == ("PARTLY_REFUNDED", 5025, 1000)
    assert desk.provider.log == ["charged", "refunded"]


@pytest.mark.parametrize("hours", [1, 24])
def test_a_part_whose_answer_was_lost_goes_back_once_also_when_its_key_is_forgotten(
    desk: Desk, hours: int
) -> None:
    desk.charge(request())
    desk.lose_the_answer()
    with pytest.raises(Fault):
        desk.refund(part(1000))
    desk.now = NOON + timedelta(hours=hours)
    assert desk.refund(part(1000)).refunded == 1000
    asked_again = {1: 2, 24: 1}[hours]
    assert desk.provider.asked == ["order-1-charge", *["order-1-refund-1"] * asked_again]
    assert desk.provider.refunded == [1000]


def test_a_part_that_never_reached_the_provider_goes_back_days_later(desk: Desk) -> None:
    desk.payments.save(wanted_back(desk.charge(request()), "first", 1000))
    desk.now = NOON + timedelta(days=3)
    assert desk.refund(part(1000)).refunded == 1000
    assert desk.provider.refunded == [1000]
