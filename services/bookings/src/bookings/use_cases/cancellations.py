"""Bookings that are given back by their passengers, and bookings that an operator has undone."""

from datetime import timedelta

from bookings.domain.bookings import Booking, BookingStatus, Step
from bookings.domain.flights import FlightDeparted
from bookings.domain.refunds import RefundRules
from bookings.domain.refusals import BookingStands
from bookings.domain.waiting import given_back_as
from bookings.ports import Bookings, Flights, Undoing
from bookings.use_cases.flights import get_flight
from bookings.use_cases.passengers import get_booking
from bookings.use_cases.saga import Cause, change
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import NotFound


def give_back_booking(
    cause: Cause,
    *,
    customer_id: str,
    rules: RefundRules,
    bookings: Bookings,
    flights: Flights,
    undoing: Undoing,
    clock: Clock,
) -> Booking:
    """Write down what goes back, then start to undo. A crash between the two heals when asked again or swept.

    Raises NotFound, NotConfirmed, FlightDeparted.
    """
    booking = get_booking(cause.booking_id, customer_id=customer_id, bookings=bookings)
    if booking.refund_due is None:
        now = clock()
        left = get_flight(booking.flight_id, flights=flights).departs_at - now
        if left <= timedelta(0):
            raise FlightDeparted("This flight has departed.")
        refund = rules.refund(booking.total, left)
        step = Step("Ask Cancellation", f"refund {refund.amount}", now, cause.causation_id)
        booking = change(cause, lambda it: it.ask_cancellation(refund, step), bookings=bookings)
    if booking.status is BookingStatus.CONFIRMED:
        undoing.start(booking, name=given_back_as(booking))
    return booking


def undo_booking(booking_id: str, *, run: str, bookings: Bookings, undoing: Undoing) -> Booking:
    """Run every compensation of a booking again; those that were done change nothing. `run` names this one.

    Raises NotFound, BookingStands for a confirmed booking that its passenger has not cancelled.
    """
    booking = bookings.get(booking_id)
    if booking is None:
        raise NotFound("There is no such booking.")
    if booking.stands:
        raise BookingStands("This booking is confirmed, and its passenger has not cancelled it.")
    undoing.start(booking, name=run)
    return booking
