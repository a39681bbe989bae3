"""Changes of the bookings table as events: the enrichment of this service's pipe. One pure function."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.adapters.bookings import BookingRow
from bookings.domain.bookings import Booking, BookingStatus
from jetbridge.contracts.bookings import (
    BookingAwaitingPayment,
    BookingCancelled,
    BookingConfirmed,
    BookingEvent,
    BookingFailed,
    BookingRefundRequested,
)
from jetbridge.contracts.envelope import Amount, Envelope, EventData, tell
from jetbridge.runtime.observability import observed
from jetbridge.runtime.streams import Change, events_of

_TOLD: dict[BookingStatus, type[BookingEvent]] = {
    BookingStatus.AWAITING_PAYMENT: BookingAwaitingPayment,
    BookingStatus.CONFIRMED: BookingConfirmed,
    BookingStatus.FAILED: BookingFailed,
    BookingStatus.CANCELLED: BookingCancelled,
}


def event_of(change: Change) -> Envelope[Any] | None:
    """The event that a change is; one change is at most one. The task token never leaves."""
    if change.old is None or change.new is None:
        return None
    before, booking = (BookingRow.model_validate(image).to_booking() for image in (change.old, change.new))
    data = _data(before, booking)
    if data is None:
        return None
    return tell(
        data,
        entity_id=booking.booking_id,
        version=booking.version,
        occurred_at=booking.steps[-1].at,
        correlation_id=booking.correlation_id,
        causation_id=booking.steps[-1].causation_id,
    )


def _data(before: Booking, booking: Booking) -> EventData | None:
    if booking.refund_requested and not before.refund_requested:
        why = "booking_failed" if booking.refund_due is None else "booking_cancelled"
        return _of(BookingRefundRequested, booking, reason=why, refund=_part(booking))
    told = _TOLD.get(booking.status) if booking.status is not before.status else None
    return _of(told, booking) if told else None


def _part(booking: Booking) -> Amount | None:
    """What goes back, if that is not all."""
    due = booking.refund_due
    return None if due is None or due == booking.total else Amount.of(due)


def _of(event: type[BookingEvent], booking: Booking, **more: object) -> EventData:
    """What the event's model does not name is left out."""
    common = {
        "booking_id": booking.booking_id,
        "customer_id": booking.customer_id,
        "flight_id": booking.flight_id,
        "total": Amount.of(booking.total),
        "seats": booking.seats,
        "payment_method": booking.payment_method,
        "reason": booking.reason,
    }
    return event.model_validate(common | more)


@observed
def handler(event: Any, _: LambdaContext) -> Any:
    return events_of(event, event_of, dead_letters=bootstrap.dead_letters)
