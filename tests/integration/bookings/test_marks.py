"""Marks of released bookings leave the flight's item again, and no late attempt takes seats then either."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.adapters.flights import DynamoFlights
from bookings.adapters.holders import forgetting
from bookings.domain.flights import LATE_AFTER
from bookings.use_cases import flights as use_cases
from bookings.use_cases.flights import FORGOTTEN_AT_ONCE, WORTH_A_WRITE, make_room
from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.ids import stable_id
from tests.fakes.clock import MORNING
from tests.integration.bookings.seats import CAPACITY, Attempt, Seats
from tests.integration.bookings.test_api import look_at_flights, post

A_WHILE = LATE_AFTER + timedelta(seconds=1)


@pytest.fixture
def seats(flights: DynamoFlights) -> Seats:
    return Seats(flights)


def forget(seats: Seats, *booking_ids: str) -> None:
    seats.flights.forget("JB101", booking_ids, before=seats.now - LATE_AFTER)


def marks(seats: Seats) -> set[str]:
    found = seats.flights.get("JB101")
    assert found is not None
    return {mark.booking_id for mark in found.marks}


def test_a_release_leaves_a_mark_with_its_time(seats: Seats) -> None:
    seats.reserve("a", 4)
    assert marks(seats) == set(), "who holds seats has no mark"
    seats.release("a", settled=False)
    found = seats.flights.get("JB101")
    assert found is not None
    assert [(mark.booking_id, mark.released_at) for mark in found.marks] == [("a", MORNING)]


@pytest.mark.parametrize("took", [True, False])
def test_an_attempt_takes_nothing_also_after_its_mark_is_forgotten(seats: Seats, took: bool) -> None:
    late = seats.begin("a", 4)
    if took:
        seats.reserve("a", 4)
    seats.release("a", settled=False)
    seats.wait(A_WHILE)
    forget(seats, "a")
    assert seats.held() == {}
    assert not late()
    assert (seats.free, seats.held()) == (CAPACITY, {})


def test_who_books_after_marks_were_forgotten_is_not_refused(seats: Seats) -> None:
    seats.release("a", settled=False)
    seats.wait(A_WHILE)
    slow = seats.begin("b", 1)
    seats.wait(timedelta(seconds=30))  # as long as an attempt may take
    forget(seats, "a")
    assert slow()
    assert seats.reserve("c", 2)
    assert (seats.free, seats.held()) == (3, {"b": 1, "c": 2})


def test_who_holds_seats_may_try_again_whatever_was_forgotten(seats: Seats) -> None:
    first = seats.begin("b", 2)
    first()
    seats.release("a", settled=False)
    seats.wait(A_WHILE)
    forget(seats, "a")
    assert first()
    assert (seats.free, seats.held()) == (CAPACITY - 2, {"b": 2})


def test_a_mark_that_is_not_old_yet_stays_and_so_do_the_others(seats: Seats) -> None:
    seats.release("old", settled=False)
    seats.wait(A_WHILE)
    seats.release("new", settled=False)
    forget(seats, "old", "new")
    assert marks(seats) == {"old", "new"}


def test_what_holds_seats_is_never_taken_for_a_mark(seats: Seats) -> None:
    seats.release("old", settled=False)
    seats.reserve("held", 2)
    seats.wait(A_WHILE)
    forget(seats, "old", "held")
    assert seats.held() == {"old": 0, "held": 2}


def test_a_booking_that_was_released_again_meanwhile_keeps_its_mark(seats: Seats) -> None:
    seats.release("a", settled=False)
    seats.wait(A_WHILE)
    late = seats.begin("a", 4)
    seats.wait(timedelta(seconds=1))
    seats.release("a", settled=False)  # after somebody read the first mark
    forget(seats, "a")
    assert marks(seats) == {"a"}
    assert not late()


def test_of_two_who_forget_the_slower_one_takes_nothing_back(seats: Seats) -> None:
    """What the faster one has forgotten stays refused."""
    late, slower = seats.begin("b", 1), seats.now
    seats.release("a", settled=False)
    seats.wait(timedelta(seconds=1))
    seats.release("b", settled=False)
    seats.wait(A_WHILE)
    forget(seats, "b")
    seats.flights.forget("JB101", ["a"], before=slower + timedelta(milliseconds=1))
    assert marks(seats) == {"a"}
    assert not late()
    forget(seats, "a")
    assert marks(seats) == set()


def test_nothing_is_made_of_a_flight_that_is_gone(seats: Seats) -> None:
    seats.remove()
    forget(seats, "a")
    assert seats.client.scan(TableName="FlightsTable")["Count"] == 0


def test_one_update_stays_within_the_limits_of_an_expression() -> None:
    """However DynamoDB counts operators: with the steps of a path, too."""
    request = forgetting([stable_id("booking", str(n)) for n in range(FORGOTTEN_AT_ONCE)], MORNING)
    for name in ("UpdateExpression", "ConditionExpression"):
        assert len(request[name]) <= 4096
        assert len(re.findall(r"[.=<(]|,| AND | OR ", request[name])) <= 300


def old_item(seats: Seats, count: int) -> None:
    """A flight with marks of bookings that were released long ago, one of today, and a passenger."""
    for n in range(count):
        seats.release(f"old-{n}", settled=False)
    seats.now = utc_now()
    seats.release("new", settled=False)
    seats.reserve("passenger", 2)


@pytest.mark.parametrize(
    ("count", "left"),
    [(WORTH_A_WRITE - 1, WORTH_A_WRITE - 1), (WORTH_A_WRITE, 0), (FORGOTTEN_AT_ONCE + 5, 5)],
)
def test_who_books_makes_room(seats: Seats, count: int, left: int) -> None:
    seats.now -= timedelta(days=1)
    old_item(seats, count)
    status, _ = post()
    assert status == HTTPStatus.ACCEPTED
    assert len(marks(seats) - {"new"}) == left
    assert seats.held().items() >= {"new": 0, "passenger": 2}.items()
    post(key="key-2")
    assert len(marks(seats) - {"new"}) == left, "too few are left to be worth a write"


def test_marks_and_holders_are_shown_to_nobody(seats: Seats) -> None:
    old_item(seats, 1)
    for path in ("/flights/JB101", "/flights"):
        status, shown = look_at_flights(path)
        assert status == HTTPStatus.OK
        assert not {"holders", "marks", "passenger", "forgotten"} & set(re.findall(r"[A-Za-z]+", str(shown)))


def size(name: str, value: dict[str, Any]) -> int:
    """Bytes of an attribute, as DynamoDB documents it."""
    [(kind, content)] = value.items()
    match kind:
        case "S":
            own = len(content.encode())
        case "N":
            own = -(-len(content.strip("0")) // 2) + 1
        case "M":
            own = 3 + sum(1 + size(key, part) for key, part in content.items())
        case other:
            raise NotImplementedError(other)
    return len(name.encode()) + own


def test_the_size_of_an_item_is_what_the_decisions_say(flights: DynamoFlights) -> None:
    seats = Seats(flights, 1000)
    empty = sum(size(name, value) for name, value in seats.item().items())
    holding, released = stable_id("booking", "1"), stable_id("booking", "2")
    seats.reserve(holding, 9)
    seats.wait(timedelta(milliseconds=123))
    seats.release(released, settled=False)
    entries = seats.item()["holders"]["M"]
    holder, mark = (1 + size(each, entries[each]) for each in (holding, released))
    assert (empty + 500 * holder, holder, mark) == (27_203, 54, 67)
    assert largest(empty + 1000 * holder, mark) // 1024 == 198
    assert largest(empty + 1000 * holder, mark) < 400 * 1024


def largest(held: int, mark: int) -> int:
    """Bytes of an item that is full and gets marks for as long as they are kept, and writes of nothing else.

    To one item DynamoDB writes 1,000 KB a second, the whole item each time: each second the item grows by
    fewer marks than in the last one.
    """
    item = held
    for _ in range(int(LATE_AFTER.total_seconds())):
        item += mark * (1000 * 1024 // item)
    return item


WHO = st.sampled_from("abcd")
PARTY = {"a": 1, "b": 2, "c": 3, "d": 4}
ACTIONS = st.one_of(
    st.tuples(st.sampled_from(["reserve", "hang", "release"]), WHO),
    st.tuples(st.sampled_from(["come", "wait", "make room"]), st.just("a")),
)


class Late:
    """A flight, and attempts at its seats that have begun and did not come yet."""

    def __init__(self, flights: DynamoFlights) -> None:
        self.seats = Seats(flights)
        self.attempts: list[Attempt] = []

    def do(self, action: str, who: str) -> None:
        match action:
            case "reserve":
                self.seats.reserve(who, PARTY[who])
            case "hang":
                self.attempts.append(self.seats.begin(who, PARTY[who]))
            case "release":
                self.seats.release(who, settled=False)
            case "come" if self.attempts:
                self.attempts.pop(0)()
            case "wait":
                self.seats.wait(timedelta(minutes=2))
            case "make room":
                self.make_room()

    def make_room(self) -> None:
        found = self.seats.flights.get("JB101")
        assert found is not None
        make_room(found, now=self.seats.now, flights=self.seats.flights)


@given(st.lists(ACTIONS, max_size=25))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_comes_late_takes_no_seat_for_good(
    seats: Seats, monkeypatch: pytest.MonkeyPatch, actions: list[tuple[str, str]]
) -> None:
    """Whatever was forgotten meanwhile: everybody gives back in the end, and nobody holds a seat then."""
    monkeypatch.setattr(use_cases, "WORTH_A_WRITE", 1)
    seats.remove()
    late = Late(seats.flights)
    flown = late.seats
    for action, who in actions:
        late.do(action, who)
        assert flown.free + sum(flown.held().values()) == CAPACITY
        assert flown.free >= 0
    for who in PARTY:
        flown.release(who, settled=False)
    flown.wait(A_WHILE)
    late.make_room()
    for attempt in late.attempts:
        attempt()
    assert (flown.free, flown.held()) == (CAPACITY, {})
