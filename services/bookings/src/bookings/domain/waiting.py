"""Bookings that wait for a state machine: for their saga, or to be undone for the passenger who cancelled."""

from dataclasses import replace
from datetime import datetime

from bookings.domain.bookings import Booking, BookingStatus


def waits_since(booking: Booking) -> datetime | None:
    """Since when nothing has happened that must; while someone was asked to end it, when their time is up."""
    if booking.status is BookingStatus.PENDING:
        began = booking.created_at
    elif booking.status is BookingStatus.CONFIRMED and not booking.stands:
        began = booking.steps[-1].at
    else:
        return None
    return max(began, booking.pursued_until or began)


def pursue(booking: Booking, until: datetime) -> Booking:
    """Someone was asked to bring it to its end, which may take until then; only while it waits."""
    if waits_since(booking) is None:
        return booking
    return replace(booking, pursued_until=until, version=booking.version + 1)
