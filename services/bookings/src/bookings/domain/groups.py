"""Bookings asked for together, and what became of them: all or none of them stand, or as many as can."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bookings.domain.bookings import MOVES, Booking, BookingStatus, Step

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
        lacking = tuple(booking for booking in known if not was_made(booking))
        return known if self.all_or_nothing and lacking else lacking

    def status(self, bookings: Iterable[Booking]) -> GroupStatus:
        known = tuple(bookings)
        made = sum(was_made(booking) for booking in known)
        if made == len(self.entries):
            return GroupStatus.CONFIRMED
        to_give_up = self.all_or_nothing and any(booking.stands for booking in known)
        if to_give_up or not all(booking.has_ended for booking in known):
            return GroupStatus.IN_PROGRESS
        return GroupStatus.PARTLY_CONFIRMED if made and not self.all_or_nothing else GroupStatus.FAILED


def was_made(booking: Booking) -> bool:
    """Confirmed, whatever its passenger did with it afterwards."""
    return booking.status in (BookingStatus.CONFIRMED, BookingStatus.CANCELLED) and not booking.withdrawn


def withdraw(booking: Booking, step: Step) -> Booking:
    """Its group gives it up, wherever it is: from here on it can only be undone."""
    if booking.refund_requested or booking.refund_due is not None or not MOVES[booking.status]:
        return booking
    confirmed = booking.status is BookingStatus.CONFIRMED
    return replace(
        booking,
        withdrawn=True,
        refund_due=booking.total if confirmed else None,
        refund_requested=not confirmed,
        steps=(*booking.steps, step),
        version=booking.version + 1,
    )
