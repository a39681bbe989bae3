"""What bookings tells."""

from typing import Annotated, ClassVar

from pydantic import Field

from jetbridge.contracts.envelope import Amount, EventData, Id


class BookingEvent(EventData):
    source: ClassVar[str] = "jetbridge.bookings"
    booking_id: Id
    customer_id: Id


class BookingAwaitingPayment(BookingEvent):
    """The seats are taken; payments charges `total` once."""

    total: Amount
    payment_method: Id


class BookingConfirmed(BookingEvent):
    """Paid: the seats are the passenger's."""

    flight_id: Id
    seats: Annotated[int, Field(ge=1)]
    total: Amount


class BookingFailed(BookingEvent):
    """The booking could not be made and was undone, or its group gave it up; `reason` as the API shows it."""

    flight_id: Id
    reason: Id


class BookingCancelled(BookingEvent):
    """A confirmed booking was given back by its passenger, or given up by its group; `reason` says which."""

    flight_id: Id
    reason: Id


class BookingRefundRequested(BookingEvent):
    """Whatever was or may have been taken goes back; if nothing was, nothing ever will be.

    `total` is what the booking costs. With `refund` no more than that goes back, once for this event.
    `reason` is `booking_failed` or `booking_cancelled`.
    """

    total: Amount
    refund: Amount | None = None
    reason: Id
