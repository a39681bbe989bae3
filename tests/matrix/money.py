"""Payments beside the saga: the service's own rules and events, on a card processor that keeps a log."""

from collections.abc import Callable
from typing import Any

from bookings.adapters.bookings import DynamoBookings
from bookings.adapters.step_functions import StepFunctionsWaitingSaga
from bookings.domain.payments import Payment
from bookings.handlers.booking_changes import event_of
from bookings.use_cases.saga import Cause, hear_payment
from jetbridge.contracts.bookings import BookingAwaitingPayment, BookingRefundRequested
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.streams import change_of
from payments.domain.moves import PaymentStatus
from payments.domain.payments import PaymentRequest
from payments.domain.refusals import ReferenceVoided
from payments.use_cases.payments import charge_payment, refund_payment
from tests.fakes.payments import FakeProvider, InMemoryPayments, request

TOLD = {
    PaymentStatus.CAPTURED: Payment.CAPTURED,
    PaymentStatus.DECLINED: Payment.DECLINED,
    PaymentStatus.REFUNDED: Payment.REFUNDED,
    PaymentStatus.VOIDED: Payment.VOIDED,
}


class Money:
    """Charges and refunds what the bookings' stream asks for, and tells the booking what became of it."""

    def __init__(self, bookings: DynamoBookings, waiting: StepFunctionsWaitingSaga) -> None:
        self._bookings, self._waiting = bookings, waiting
        self.providers: dict[str, FakeProvider] = {}
        self._payments = InMemoryPayments()

    def follow(self, record: dict[str, Any]) -> None:
        """One record of the stream of bookings."""
        event = event_of(change_of(record)) if record["eventName"] == "MODIFY" else None
        if event is None:
            return
        act: dict[type[Any], Callable[..., Any]] = {
            BookingAwaitingPayment: charge_payment,
            BookingRefundRequested: refund_payment,
        }
        if type(event.data) in act:
            wanted = request(event.data.booking_id, kind="booking", amount=event.data.total.to_money())
            self._settle(wanted, act[type(event.data)])

    def _settle(self, wanted: PaymentRequest, act: Callable[..., Any]) -> None:
        provider = self.providers.setdefault(wanted.reference, FakeProvider())
        before = len(self._payments.written)
        try:
            act(wanted, payments=self._payments, provider=provider, clock=utc_now)
        except ReferenceVoided:
            return
        for written in self._payments.written[before:]:
            if written.status in TOLD:
                cause = Cause(wanted.reference, f"payment-{written.version}")
                self._tell(cause, TOLD[written.status])

    def _tell(self, cause: Cause, payment: Payment) -> None:
        hear_payment(cause, payment, "", bookings=self._bookings, waiting=self._waiting, clock=utc_now)

    def kept(self, booking_id: str) -> int:
        """How many charges of a booking were made and not given back."""
        calls = self.calls(booking_id)
        return calls.count("charged") - calls.count("refunded")

    def calls(self, booking_id: str) -> list[str]:
        """What the card processor did for a booking: charged, declined, refunded."""
        return self.providers[booking_id].log if booking_id in self.providers else []
