"""Bookings that wait for a state machine: for their saga, or for an undoing that comes to its end."""

from dataclasses import replace
from datetime import datetime, timedelta

from bookings.domain.bookings import MOVES, Booking, BookingStatus

UNDOING_TIME = timedelta(seconds=1800)  # at most; another one before that would run beside it


def waits_since(booking: Booking) -> datetime | None:
    """Since when nothing has happened that must; while someone was asked to end it, when their time is up."""
    if booking.status is BookingStatus.PENDING:
        began = booking.created_at
    elif booking.status is BookingStatus.CONFIRMED and not booking.stands:
        began = booking.steps[-1].at
    elif is_being_undone(booking):
        began = booking.steps[-1].at + UNDOING_TIME
    else:
        return None
    return max(began, booking.pursued_until or began)


def is_being_undone(booking: Booking) -> bool:
    """Begun, and not heard of since: seats and transfer may not have been given back yet."""
    begun = booking.refund_requested or not MOVES[booking.status]
    return begun and not booking.settled


def given_back_as(booking: Booking) -> str:
    """What the undoing of a confirmed booking is named by, so that it begins only once."""
    return "withdrawal" if booking.withdrawn else "cancellation"


def pursue(booking: Booking, until: datetime) -> Booking:
    """Someone was asked to bring it to its end, which may take until then; only while it waits."""
    if waits_since(booking) is None:
        return booking
    return replace(booking, pursued_until=until, version=booking.version + 1)
