"""A flight and its seats."""

from dataclasses import dataclass
from datetime import datetime

from jetbridge.kernel.errors import DomainError, NotFound
from jetbridge.kernel.money import Money


class FlightNotFound(NotFound):
    code = "flight_not_found"


class FlightDeparted(DomainError):
    code = "flight_departed"


class SeatsAreHeld(DomainError):
    """The capacity of a flight cannot be less than what its passengers hold."""

    code = "seats_are_held"


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

    @property
    def details(self) -> tuple[object, ...]:
        """What operators decide: everything but the seats that are free, and the version."""
        return (self.origin, self.destination, self.departs_at, self.seat_capacity, self.price)
