"""What bookings needs from the world outside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bookings.domain.bookings import Booking
from bookings.domain.flights import Flight
from bookings.domain.groups import Group
from bookings.domain.transfers import Transfer
from jetbridge.kernel.pages import Page


@dataclass(frozen=True, slots=True)
class Search:
    """Which flights. `day` is that of departure in UTC; what is None does not matter."""

    origin: str | None = None
    destination: str | None = None
    day: date | None = None


class Flights(Protocol):
    def get(self, flight_id: str) -> Flight | None: ...

    def search(self, search: Search, *, limit: int, cursor: str | None) -> Page[Flight]:
        """At most `limit` flights. Raises InvalidCursor for a cursor that no page gave."""

    def add(self, flight: Flight) -> None:
        """Raises ConcurrentUpdate if there is a flight with its id."""

    def change(self, seen: Flight, wanted: Flight) -> Flight:
        """Write the details and the version of `wanted`; seats come or go with the capacity as free ones.

        Raises ConcurrentUpdate if the flight is no longer at the version of `seen`, SeatsAreHeld if the
        capacity would fall below what is held.
        """

    def forget(self, flight_id: str, booking_ids: Sequence[str], *, before: datetime) -> None:
        """Remove the marks of at most 70 bookings. Attempts begun before then are refused from now on.

        Nothing happens if one of them has no mark from before then, or marks of a later time were forgotten.
        """


class Bookings(Protocol):
    def get(self, booking_id: str) -> Booking | None:
        """The booking as it is now, not as it was a moment ago."""

    def get_all(self, booking_ids: Sequence[str]) -> tuple[Booking, ...]:
        """At most 100 bookings as they are now, in the order asked for. Raises NotFound if one is missing."""

    def of_customer(self, customer_id: str, *, limit: int, cursor: str | None) -> Page[Booking]:
        """Newest first. Raises InvalidCursor for a cursor that no page gave."""

    def waiting(self, *, before: datetime) -> Iterator[str]:
        """Ids of bookings that wait since before then, the longest first; may be behind."""

    def add(self, booking: Booking) -> bool:
        """Write a new booking; False if there is one with its id already."""

    def save(self, booking: Booking) -> None:
        """Write the next version. Raises ConcurrentUpdate if that version was written before."""


class Groups(Protocol):
    def get(self, group_id: str) -> Group | None: ...

    def add(self, group: Group, bookings: Sequence[Booking]) -> bool:
        """Write a new group and all its bookings, or nothing; False if there is one with its id already."""


class GroupSaga(Protocol):
    def start(self, group: Group) -> None:
        """Begin the sagas of a group's bookings; once begun, beginning again changes nothing."""


class Saga(Protocol):
    def start(self, booking: Booking) -> None:
        """Begin the saga of a booking; once begun, beginning again changes nothing."""


class Versions(Protocol):
    def of(self, execution: str) -> int | None:
        """Which version of its state machine an execution runs; None if nobody can tell now."""


class Undoing(Protocol):
    def start(self, booking: Booking, *, name: str) -> None:
        """Begin to undo a booking; under the same `name` only once."""


class TransferPartner(Protocol):
    """Every call may be repeated; any other failure leaves open what became of it."""

    def ask(self, booking_id: str, pickup: str) -> Transfer:
        """Ask for a transfer, or how it stands."""

    def cancel(self, booking_id: str) -> None:
        """Cancel it, also before it was asked for: asked for later, it is refused."""


class WaitingSaga(Protocol):
    """A saga that waits under a task token. False if nothing waits under it: no more, or never did."""

    def resume(self, task_token: str) -> bool: ...

    def decline(self, task_token: str, reason: str) -> bool: ...
