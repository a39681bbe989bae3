"""Bookings that wait for a state machine: for their saga, or to be undone for the passenger who cancelled."""

from dataclasses import replace
from datetime import datetime

from bookings.domain.bookings import Booking, BookingStatus


def waits_since(booking: Booking) -> datetime | None:
    """Since when nothing has happened that must; None if nothing must."""
    if booking.status is BookingStatus.PENDING:
        began = booking.created_at
    elif booking.status is BookingStatus.CONFIRMED and not booking.stands:
        began = booking.steps[-1].at
    else:
        return None
    return max(began, booking.started_again_at or began)


def start_again(booking: Booking, at: datetime) -> Booking:
    """What it waits for never began, or nobody knows; only while it waits."""
    if waits_since(booking) is None:
        return booking
    return replace(booking, started_again_at=at, version=booking.version + 1)
