"""Flights, bookings and sagas in memory, keeping the promises of the ports, with faults on demand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bookings.domain.bookings import Booking
from bookings.domain.flights import Flight, SeatsAreHeld
from bookings.domain.groups import Group
from bookings.domain.transfers import Transfer
from bookings.domain.waiting import waits_since
from bookings.ports import Search
from bookings.use_cases.passengers import Wish
from jetbridge.kernel.errors import ConcurrentUpdate, NotFound
from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from tests.fakes.clock import MORNING


class Fault(Exception):
    """An outage, a crash or a lost answer."""


def flight(**changes: Any) -> Flight:
    values: dict[str, Any] = {
        "flight_id": "JB101",
        "origin": "LHR",
        "destination": "JFK",
        "departs_at": MORNING + timedelta(days=30),
        "seat_capacity": 100,
        "seats_available": 100,
        "price": Money(5025, "USD"),
    }
    return Flight(**(values | changes))


def booking(**changes: Any) -> Booking:
    values: dict[str, Any] = {
        "booking_id": "booking-1",
        "customer_id": "customer-1",
        "flight_id": "JB101",
        "seats": 2,
        "total": Money(10050, "USD"),
        "payment_method": "pm_card_visa",
        "correlation_id": "correlation-1",
        "created_at": MORNING,
    }
    return Booking(**(values | changes))


def wish(**changes: Any) -> Wish:
    values: dict[str, Any] = {
        "booking_id": "booking-1",
        "customer_id": "customer-1",
        "flight_id": "JB101",
        "seats": 2,
        "payment_method": "pm_card_visa",
        "correlation_id": "correlation-1",
    }
    return Wish(**(values | changes))


class MemoryFlights:
    def __init__(self, *flights: Flight) -> None:
        self.stored = {flight.flight_id: flight for flight in flights}
        self.forgotten_before: dict[str, datetime] = {}

    def get(self, flight_id: str) -> Flight | None:
        return self.stored.get(flight_id)

    def search(self, search: Search, *, limit: int, cursor: str | None) -> Page[Flight]:
        return Page(tuple(self.stored.values())[:limit], None)

    def add(self, flight: Flight) -> None:
        if flight.flight_id in self.stored:
            raise ConcurrentUpdate(flight.flight_id)
        self.stored[flight.flight_id] = flight

    def change(self, seen: Flight, wanted: Flight) -> Flight:
        stored = self.stored[seen.flight_id]
        if stored.version != seen.version:
            raise ConcurrentUpdate(seen.flight_id)
        free = stored.seats_available + wanted.seat_capacity - seen.seat_capacity
        if free < 0:
            raise SeatsAreHeld
        self.stored[seen.flight_id] = replace(wanted, seats_available=free, marks=stored.marks)
        return self.stored[seen.flight_id]

    def forget(self, flight_id: str, booking_ids: Sequence[str], *, before: datetime) -> None:
        assert len(booking_ids) <= 70
        stored, wanted = self.stored[flight_id], set(booking_ids)
        old = {mark.booking_id for mark in stored.marks if mark.released_at < before}
        if wanted <= old and self.forgotten_before.get(flight_id, before) <= before:
            left = tuple(mark for mark in stored.marks if mark.booking_id not in wanted)
            self.stored[flight_id] = replace(stored, marks=left)
            self.forgotten_before[flight_id] = before


class MemoryBookings:
    """`before_save` runs in front of each save: others write there, or it raises for a call that never came.

    `lose_answers` lets that many writes take effect and raise all the same, as a cut connection does.
    `written` is every version of every booking, in the order of the writes.
    """

    def __init__(self, *bookings: Booking) -> None:
        self.written = list(bookings)
        self.before_save: Callable[[], None] = lambda: None
        self.lose_answers = 0

    def get(self, booking_id: str) -> Booking | None:
        return next((it for it in reversed(self.written) if it.booking_id == booking_id), None)

    def get_all(self, booking_ids: Sequence[str]) -> tuple[Booking, ...]:
        found = [self.get(booking_id) for booking_id in booking_ids]
        known = tuple(booking for booking in found if booking is not None)
        if len(known) < len(found):
            raise NotFound
        return known

    def of_customer(self, customer_id: str, *, limit: int, cursor: str | None) -> Page[Booking]:
        own = {it.booking_id: it for it in self.written if it.customer_id == customer_id}
        return Page(tuple(reversed(own.values()))[:limit], None)

    def waiting(self, *, before: datetime) -> Iterator[str]:
        newest = {it.booking_id: it for it in self.written}.values()
        since = {it.booking_id: at for it in newest if (at := waits_since(it)) and at < before}
        return iter(sorted(since, key=lambda each: (since[each], each)))

    def add(self, booking: Booking) -> bool:
        self.before_save()
        if self.get(booking.booking_id) is not None:
            return False
        self._write(booking)
        return True

    def save(self, booking: Booking) -> None:
        self.before_save()
        stored = self.get(booking.booking_id)
        if stored is None or stored.version != booking.version - 1:
            raise ConcurrentUpdate(booking.booking_id)
        self._write(booking)

    def _write(self, booking: Booking) -> None:
        self.written.append(booking)
        if self.lose_answers:
            self.lose_answers -= 1
            raise Fault("the answer was lost")


class MemoryGroups:
    """Groups, whose bookings are written into `bookings` in the same moment."""

    def __init__(self, bookings: MemoryBookings, *groups: Group) -> None:
        self.stored = {group.group_id: group for group in groups}
        self._bookings = bookings

    def get(self, group_id: str) -> Group | None:
        return self.stored.get(group_id)

    def add(self, group: Group, bookings: Sequence[Booking]) -> bool:
        if group.group_id in self.stored:
            return False
        self.stored[group.group_id] = group
        for booking in bookings:
            self._bookings.add(booking)
        return True


@dataclass
class FakeGroupSaga:
    """`faults` calls fail before they have an effect."""

    started: list[str] = field(default_factory=list)
    faults: int = 0

    def start(self, group: Group) -> None:
        if self.faults:
            self.faults -= 1
            raise Fault("throttled")
        if group.group_id not in self.started:
            self.started.append(group.group_id)


@dataclass
class FakeSaga:
    """`faults` calls fail before they have an effect."""

    started: list[str] = field(default_factory=list)
    faults: int = 0

    def start(self, booking: Booking) -> None:
        if self.faults:
            self.faults -= 1
            raise Fault("throttled")
        if booking.booking_id not in self.started:
            self.started.append(booking.booking_id)


@dataclass
class FakeUndoing:
    """`faults` calls fail before they have an effect, and so does every call for a booking in `broken`."""

    started: list[tuple[str, str]] = field(default_factory=list)
    faults: int = 0
    broken: set[str] = field(default_factory=set)

    def start(self, booking: Booking, *, name: str) -> None:
        if self.faults:
            self.faults -= 1
            raise Fault("throttled")
        if booking.booking_id in self.broken:
            raise Fault("no answer")
        if (booking.booking_id, name) not in self.started:
            self.started.append((booking.booking_id, name))


@dataclass
class FakePartner:
    """Answers as told, the last answer again and again; `faults` calls take effect and lose their answer.

    `log` is every call; `cancelled` refuses whatever is asked for later.
    """

    answers: list[Transfer] = field(default_factory=lambda: [Transfer.PENDING, Transfer.CONFIRMED])
    log: list[tuple[str, str]] = field(default_factory=list)
    cancelled: bool = False
    faults: int = 0

    def ask(self, booking_id: str, pickup: str) -> Transfer:
        self.log.append(("ask", booking_id))
        self._lose_answer()
        if self.cancelled:
            return Transfer.CANCELLED
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def cancel(self, booking_id: str) -> None:
        self.log.append(("cancel", booking_id))
        self.cancelled = True
        self._lose_answer()

    def _lose_answer(self) -> None:
        if self.faults:
            self.faults -= 1
            raise Fault("the answer was lost")


@dataclass
class FakeWaitingSaga:
    """`told` is what each token was answered with, once; under other tokens than `waiting` nothing waits."""

    waiting: set[str] = field(default_factory=lambda: {"token-1"})
    told: list[tuple[str, str]] = field(default_factory=list)
    faults: int = 0

    def resume(self, task_token: str) -> bool:
        return self._tell(task_token, "resumed")

    def decline(self, task_token: str, reason: str) -> bool:
        return self._tell(task_token, reason)

    def _tell(self, task_token: str, answer: str) -> bool:
        if self.faults:
            self.faults -= 1
            raise Fault("throttled")
        if task_token not in self.waiting:
            return False
        self.waiting.remove(task_token)
        self.told.append((task_token, answer))
        return True
