"""Bookings whose saga never began: a crash came between the write and the start, and nobody asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.domain.bookings import Booking
from bookings.ports import Bookings, Groups, GroupSaga, Saga, Undoing
from jetbridge.kernel.errors import ConcurrentUpdate, NotFound


@dataclass(frozen=True, slots=True)
class Ways:
    """How a booking is brought to its end."""

    groups: Groups
    saga: Saga
    group_saga: GroupSaga
    undoing: Undoing

    def pursue(self, booking: Booking) -> None:
        """Begin its saga, the next time undo it; of a group only that, whose machine ends all entries."""
        if booking.group_id is not None:
            group = self.groups.get(booking.group_id)
            if group is None:
                raise NotFound(f"There is no group {booking.group_id}.")
            self.group_saga.start(group)
        elif booking.started_again_at is None:
            self.saga.start(booking)
        else:
            self.undoing.start(booking, name="pending")


def pursue_pending(
    *,
    moment: datetime,
    limit: timedelta,
    at_most: int,
    bookings: Bookings,
    ways: Ways,
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
                ways.pursue(booking)
                pursued.append(_to_the_end_of_the_line(booking, moment, bookings))
        except ConcurrentUpdate:
            continue
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup("bookings that could not be pursued", faults)
    return pursued


def _to_the_end_of_the_line(booking: Booking, moment: datetime, bookings: Bookings) -> Booking:
    """Written down after what was begun: a crash between is harmless."""
    pursued = booking.start_again(moment)
    bookings.save(pursued)
    return pursued
