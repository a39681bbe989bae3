"""A flight and its seats."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jetbridge.kernel.errors import DomainError, NotFound
from jetbridge.kernel.money import Money

# An attempt at taking seats is given up within half a minute; one begun before this comes for nobody.
LATE_AFTER = timedelta(minutes=5)


class FlightNotFound(NotFound):
    code = "flight_not_found"


class FlightDeparted(DomainError):
    code = "flight_departed"


class SeatsAreHeld(DomainError):
    """The capacity of a flight cannot be less than what its passengers hold."""

    code = "seats_are_held"


@dataclass(frozen=True, slots=True)
class Mark:
    """Of a booking that gave its seats back: it refuses an attempt at taking them that comes late."""

    booking_id: str
    released_at: datetime


@dataclass(frozen=True, slots=True)
class Flight:
    """`version` counts the operators' changes; seats come and go without one."""

    flight_id: str
    origin: str
    destination: str
    departs_at: datetime
    seat_capacity: int
    seats_available: int
    price: Money
    version: int = 1
    marks: tuple[Mark, ...] = ()

    @property
    def details(self) -> tuple[object, ...]:
        """What operators decide: everything but the seats that are free, and the version."""
        return (self.origin, self.destination, self.departs_at, self.seat_capacity, self.price)
