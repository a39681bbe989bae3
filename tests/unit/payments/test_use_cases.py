"""Charges and refunds, by example; test_exactly_once has the interleavings."""

from datetime import timedelta

import pytest

from jetbridge.kernel.clock import Clock
from jetbridge.kernel.money import Money
from payments.domain import (
    AmountDiffers,
    ChargeInDoubt,
    Payment,
    PaymentRequest,
    PaymentStatus,
    ReferenceVoided,
)
from payments.use_cases import charge_payment, refund_payment
from tests.fakes.payments import NOON, FakeProvider, Fault, InMemoryPayments, request


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
