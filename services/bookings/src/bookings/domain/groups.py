"""Bookings asked for together, and what became of them: all or none of them stand, or as many as can."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bookings.domain.bookings import Booking

MAX_ENTRIES = 50


class GroupStatus(StrEnum):
    IN_PROGRESS = "IN_PROGRESS"
    CONFIRMED = "CONFIRMED"
    PARTLY_CONFIRMED = "PARTLY_CONFIRMED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking of a group, as it was asked for."""

    booking_id: str
    flight_id: str
    seats: int
    payment_method: str


@dataclass(frozen=True, slots=True)
class Group:
    """Written once, with its bookings; what becomes of it stands in them alone."""

    group_id: str
    customer_id: str
    all_or_nothing: bool
    entries: tuple[Entry, ...]
    correlation_id: str
    created_at: datetime

    def to_give_up(self, bookings: Iterable[Booking]) -> tuple[Booking, ...]:
        """What must be undone once every booking has had its time: what is not made, or all if one is not."""
        known = tuple(bookings)
        lacking = tuple(booking for booking in known if not booking.was_made)
        return known if self.all_or_nothing and lacking else lacking

    def status(self, bookings: Iterable[Booking]) -> GroupStatus:
        known = tuple(bookings)
        made = sum(booking.was_made for booking in known)
        if made == len(self.entries):
            return GroupStatus.CONFIRMED
        if not all(booking.has_ended for booking in known) or (self.all_or_nothing and made):
            return GroupStatus.IN_PROGRESS
        return GroupStatus.PARTLY_CONFIRMED if made else GroupStatus.FAILED
