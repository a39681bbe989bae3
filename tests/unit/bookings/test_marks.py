"""Who books makes room: marks that refuse nobody any more are forgotten, some at a time."""

from datetime import timedelta

import pytest

from bookings.domain.flights import LATE_AFTER, Flight, FlightDeparted, Mark
from bookings.domain.groups import MAX_ENTRIES, Entry
from bookings.use_cases.flights import FORGOTTEN_AT_ONCE, WORTH_A_WRITE, make_room, put_flight
from bookings.use_cases.groups import GroupWish, book_group
from bookings.use_cases.passengers import book_seats
from tests.fakes.bookings import (
    FakeGroupSaga,
    FakeSaga,
    MemoryBookings,
    MemoryFlights,
    MemoryGroups,
    flight,
    wish,
)
from tests.fakes.clock import MORNING, ticking

SECOND = timedelta(seconds=1)
OLD = MORNING - LATE_AFTER - SECOND


def marked(*, old: int, new: int = 0, flight_id: str = "JB101") -> Flight:
    marks = [Mark(f"old-{n}", OLD) for n in range(old)] + [Mark(f"new-{n}", MORNING) for n in range(new)]
    return flight(flight_id=flight_id, marks=tuple(marks))


def left(flights: MemoryFlights, flight_id: str = "JB101") -> int:
    return len(flights.stored[flight_id].marks)


@pytest.mark.parametrize(
    ("old", "new", "stay"),
    [
        (0, 200, 200),
        (WORTH_A_WRITE - 1, 0, WORTH_A_WRITE - 1),
        (WORTH_A_WRITE, 0, 0),
        (WORTH_A_WRITE, 9, 9),
        (FORGOTTEN_AT_ONCE + 5, 0, 5),
    ],
)
def test_marks_are_forgotten_when_there_are_enough_old_ones(old: int, new: int, stay: int) -> None:
    flights = MemoryFlights(marked(old=old, new=new))
    make_room(flights.stored["JB101"], now=MORNING, flights=flights)
    assert left(flights) == stay


def test_a_mark_is_kept_for_the_whole_time() -> None:
    flights = MemoryFlights(marked(old=WORTH_A_WRITE))
    make_room(flights.stored["JB101"], now=MORNING - SECOND, flights=flights)
    assert left(flights) == WORTH_A_WRITE


def test_who_books_a_flight_makes_room_in_it_once() -> None:
    flights, bookings = MemoryFlights(marked(old=2 * FORGOTTEN_AT_ONCE)), MemoryBookings()
    for _ in range(2):  # asked again it is no new booking
        book_seats(wish(), flights=flights, bookings=bookings, saga=FakeSaga(), clock=ticking())
    assert left(flights) == FORGOTTEN_AT_ONCE


def test_who_books_a_group_makes_room_in_each_flight_once() -> None:
    flights = MemoryFlights(marked(old=100, flight_id="JB1"), marked(old=30, flight_id="JB2"))
    entries = tuple(Entry(f"booking-{n}", f"JB{1 + n % 2}", 1, "pm_card_visa") for n in range(6))
    asked = GroupWish("group-1", "customer-1", True, entries, "correlation-1")
    groups = MemoryGroups(MemoryBookings())
    book_group(asked, flights=flights, groups=groups, saga=FakeGroupSaga(), clock=ticking())
    assert (left(flights, "JB1"), left(flights, "JB2")) == (100 - FORGOTTEN_AT_ONCE, 0)


def test_a_group_forgets_more_marks_than_it_can_leave() -> None:
    assert FORGOTTEN_AT_ONCE > MAX_ENTRIES


def test_who_is_refused_writes_nothing() -> None:
    flights = MemoryFlights(marked(old=WORTH_A_WRITE))
    with pytest.raises(FlightDeparted):
        book_seats(
            wish(),
            flights=flights,
            bookings=MemoryBookings(),
            saga=FakeSaga(),
            clock=ticking(MORNING + timedelta(days=365)),
        )
    assert left(flights) == WORTH_A_WRITE


def test_an_operator_who_changes_a_flight_leaves_its_marks() -> None:
    flights = MemoryFlights(marked(old=3))
    put_flight(flight(seat_capacity=120), version=1, flights=flights)
    assert left(flights) == 3
