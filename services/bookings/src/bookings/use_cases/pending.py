"""Bookings whose saga never began: a crash came between the write and the start, and nobody asked again."""

from datetime import datetime, timedelta

from bookings.domain.bookings import Booking
from bookings.ports import Bookings, Saga, Undoing
from jetbridge.kernel.errors import ConcurrentUpdate


def pursue_pending(
    *,
    moment: datetime,
    limit: timedelta,
    at_most: int,
    bookings: Bookings,
    saga: Saga,
    undoing: Undoing,
) -> list[Booking]:
    """Start the saga of at most `at_most` bookings that wait for longer than `limit`, then undo them.

    One that somebody else moves at this moment is left alone. Faults keep nobody waiting: they are raised as
    one ExceptionGroup at the end.
    """
    pursued, faults = [], []
    for booking_id in bookings.pending(before=moment - limit, limit=at_most):
        try:
            booking = bookings.get(booking_id)
            if booking and booking.waits_since and booking.waits_since < moment - limit:
                pursued.append(_pursue(booking, moment, bookings, saga, undoing))
        except ConcurrentUpdate:
            continue
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup("bookings that could not be pursued", faults)
    return pursued


def _pursue(booking: Booking, moment: datetime, bookings: Bookings, saga: Saga, undoing: Undoing) -> Booking:
    """Begun first, then written down, which sends it to the end of the line: a crash between is harmless."""
    if booking.started_again_at is None:
        saga.start(booking)
    else:
        undoing.start(booking, name="pending")
    pursued = booking.start_again(moment)
    bookings.save(pursued)
    return pursued
