"""Bookings whose saga or undoing never began: a crash came between write and start, and nobody asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.domain.bookings import Booking, BookingStatus
from bookings.domain.waiting import start_again, waits_since
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
        """Begin what it waits for; the next time undo it under another name, in case that ended in vain."""
        if booking.status is BookingStatus.PENDING and booking.group_id is not None:
            self._begin_group(booking.group_id)
        elif booking.started_again_at is not None:
            self.undoing.start(booking, name="pending")
        elif booking.status is BookingStatus.PENDING:
            self.saga.start(booking)
        else:
            self.undoing.start(booking, name="withdrawal" if booking.withdrawn else "cancellation")

    def _begin_group(self, group_id: str) -> None:
        """However often: its machine brings every entry to its end."""
        group = self.groups.get(group_id)
        if group is None:
            raise NotFound(f"There is no group {group_id}.")
        self.group_saga.start(group)


def pursue_pending(
    *,
    moment: datetime,
    limit: timedelta,
    at_most: int,
    bookings: Bookings,
    ways: Ways,
) -> list[Booking]:
    """Pursue at most `at_most` bookings that wait for longer than `limit`.

    One that somebody else moves at this moment is left alone. Faults keep nobody waiting: they are raised as
    one ExceptionGroup at the end.
    """
    pursued, faults = [], []
    for booking_id in bookings.waiting(before=moment - limit, limit=at_most):
        try:
            booking = bookings.get(booking_id)
            since = waits_since(booking) if booking else None
            if booking and since and since < moment - limit:
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
    pursued = start_again(booking, moment)
    bookings.save(pursued)
    return pursued
