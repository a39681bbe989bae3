"""The life of a booking: its statuses with the allowed moves, and what is written down of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BookingStatus(StrEnum):
    PENDING = "PENDING"
    RESERVED = "RESERVED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


MOVES: dict[BookingStatus, frozenset[BookingStatus]] = {
    BookingStatus.PENDING: frozenset({BookingStatus.RESERVED, BookingStatus.FAILED}),
    BookingStatus.RESERVED: frozenset({BookingStatus.AWAITING_PAYMENT, BookingStatus.FAILED}),
    BookingStatus.AWAITING_PAYMENT: frozenset({BookingStatus.CONFIRMED, BookingStatus.FAILED}),
    BookingStatus.CONFIRMED: frozenset({BookingStatus.CANCELLED}),
    BookingStatus.FAILED: frozenset(),
    BookingStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, as the passenger sees it: the saga's state, its outcome, and what it came from."""

    name: str
    outcome: str
    at: datetime
    causation_id: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A compensation that failed for good: its state, the name of the error, and when."""

    compensation: str
    error: str
    at: datetime
