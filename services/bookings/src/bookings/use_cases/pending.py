"""Bookings whose saga never began, or whose undoing never ended: a crash or a stop came between."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.domain.bookings import Booking, BookingStatus
from bookings.domain.waiting import UNDOING_TIME, given_back_as, pursue, waits_since
from bookings.ports import Bookings, Groups, GroupSaga, Saga, Undoing
from jetbridge.kernel.errors import NotFound
from jetbridge.kernel.sweeps import GoingOn, sweep


@dataclass(frozen=True, slots=True)
class Ways:
    """How a booking is brought to its end."""

    groups: Groups
    saga: Saga
    group_saga: GroupSaga
    undoing: Undoing

    def pursue(self, booking: Booking) -> timedelta:
        """Begin its saga, from the next time on undo it; of a group that, whose machine ends all entries.

        What can only be undone is undone, under another name each time: one that was cut off is no hindrance
        to the next. What its passenger or its group gave back is first undone under the name that they would
        have used. Returns how long nobody else need try.
        """
        if booking.status is BookingStatus.CONFIRMED and booking.pursued_until is None:
            self.undoing.start(booking, name=given_back_as(booking))
            return UNDOING_TIME
        if booking.status is BookingStatus.PENDING and not booking.refund_requested:
            if booking.group_id is not None:
                return self._begin_group(booking.group_id)
            if booking.pursued_until is None:
                self.saga.start(booking)
                return timedelta(0)
        self.undoing.start(booking, name=f"pending-{booking.version}")
        return UNDOING_TIME

    def _begin_group(self, group_id: str) -> timedelta:
        group = self.groups.get(group_id)
        if group is None:
            raise NotFound(f"There is no group {group_id}.")
        self.group_saga.start(group)
        return timedelta(0)


def pursue_pending(
    *,
    moment: datetime,
    limit: timedelta,
    going_on: GoingOn,
    bookings: Bookings,
    ways: Ways,
) -> list[Booking]:
    """Start the sagas of bookings that wait for longer than `limit`, longest first, then undo them until an
    undoing has ended.

    One that somebody else moves at this moment is left alone. Faults keep nobody waiting: they are raised as
    one ExceptionGroup at the end.
    """

    def bring_on(booking_id: str) -> Booking | None:
        booking = bookings.get(booking_id)
        since = waits_since(booking) if booking else None
        if booking is None or since is None or since >= moment - limit:
            return None
        return _to_the_end_of_the_line(booking, moment + ways.pursue(booking), bookings)

    waiting = bookings.waiting(before=moment - limit)
    return sweep(waiting, bring_on, going_on=going_on, failed="bookings that could not be pursued")


def _to_the_end_of_the_line(booking: Booking, until: datetime, bookings: Bookings) -> Booking:
    """Written down after what was begun: a crash between is harmless, since the name stays the same."""
    pursued = pursue(booking, until)
    bookings.save(pursued)
    return pursued
