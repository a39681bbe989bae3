"""Seats, as the state machines take and give them back: once, never more than there are."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.adapters.flights import DynamoFlights
from tests.integration.bookings.seats import CAPACITY, Seats


@pytest.fixture
def seats(flights: DynamoFlights) -> Seats:
    return Seats(flights)


def test_seats_are_taken_once_however_often_it_is_tried(seats: Seats) -> None:
    for _ in range(3):
        assert seats.reserve("a", 4)
    assert (seats.free, seats.held()) == (2, {"a": 4})


def test_more_seats_than_are_free_are_refused_and_nothing_moves(seats: Seats) -> None:
    assert seats.reserve("a", 4)
    assert not seats.reserve("b", 3)
    assert seats.reserve("a", 4), "what is held is held, also when the flight is nearly full"
    assert (seats.free, seats.held()) == (2, {"a": 4})


@pytest.mark.parametrize("settled", [True, False])
def test_seats_are_given_back_once_however_often_it_is_tried(seats: Seats, settled: bool) -> None:
    seats.reserve("a", 4)
    for _ in range(3):
        seats.release("a", settled=settled)
    assert seats.free == CAPACITY
    assert sum(seats.held().values()) == 0


@pytest.mark.parametrize("settled", [True, False])
def test_who_holds_nothing_gives_nothing_back(seats: Seats, settled: bool) -> None:
    seats.release("a", settled=settled)
    assert seats.free == CAPACITY


@pytest.mark.parametrize("first", [True, False])
def test_an_attempt_that_comes_after_the_release_takes_nothing(seats: Seats, first: bool) -> None:
    if first:
        seats.reserve("a", 4)
    seats.release("a", settled=False)
    assert not seats.reserve("a", 4)
    assert (seats.free, seats.held()) == (CAPACITY, {"a": 0})


def test_what_is_settled_leaves_no_trace(seats: Seats) -> None:
    seats.reserve("a", 4)
    seats.release("a", settled=True)
    assert seats.held() == {}


def test_a_flight_that_is_not_there_has_no_seats(seats: Seats) -> None:
    seats.remove()
    assert not seats.reserve("a", 1)
    with pytest.raises(ClientError):
        seats.release("a", settled=False)
    assert seats.client.scan(TableName="FlightsTable")["Count"] == 0


@contextmanager
def fresh(seats: Seats) -> Iterator[Seats]:
    seats.remove()
    yield Seats(seats.flights)


WHO = st.sampled_from("abcd")
ACTIONS = st.one_of(
    st.tuples(st.just("reserve"), WHO),
    st.tuples(st.sampled_from(["release", "release settled"]), WHO),
)
PARTY = {"a": 1, "b": 2, "c": 3, "d": 4}


@given(st.lists(ACTIONS, max_size=25))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_free_and_held_seats_are_always_the_capacity(seats: Seats, actions: list[tuple[str, str]]) -> None:
    with fresh(seats) as flown:
        for action, who in actions:
            if action == "reserve":
                flown.reserve(who, PARTY[who])
            else:
                flown.release(who, settled=action.endswith("settled"))
            held = flown.held()
            assert flown.free + sum(held.values()) == CAPACITY
            assert flown.free >= 0
            assert all(seats in (0, PARTY[who]) for who, seats in held.items())
