"""Operators put flights: created once, changed only by who has seen them, never below what is held."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookings.domain.flights import FlightNotFound, SeatsAreHeld
from bookings.ports import Search
from bookings.use_cases.flights import get_flight, put_flight, search_flights
from jetbridge.kernel.errors import ConcurrentUpdate
from tests.fakes.bookings import MemoryFlights, flight
from tests.fakes.clock import MORNING


def test_a_flight_is_created_with_all_its_seats_free() -> None:
    flights = MemoryFlights()
    assert put_flight(flight(), version=None, flights=flights) == flight()
    assert get_flight("JB101", flights=flights) == flight()


def test_a_flight_that_is_put_twice_is_created_once() -> None:
    flights = MemoryFlights(flight(seats_available=40, version=3))
    assert put_flight(flight(), version=None, flights=flights).seats_available == 40
    assert put_flight(flight(), version=2, flights=flights).version == 3


def test_a_change_needs_the_version_that_is_there() -> None:
    flights = MemoryFlights(flight(version=3))
    later = flight(departs_at=MORNING + timedelta(days=31))
    for version in (None, 1, 2, 4):
        with pytest.raises(ConcurrentUpdate):
            put_flight(later, version=version, flights=flights)
    assert put_flight(later, version=3, flights=flights) == replace(later, version=4)


def test_a_flight_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(ConcurrentUpdate):
        put_flight(flight(), version=1, flights=MemoryFlights())


def test_more_or_less_capacity_leaves_the_held_seats_held() -> None:
    flights = MemoryFlights(flight(seat_capacity=10, seats_available=4))
    assert put_flight(flight(seat_capacity=15), version=1, flights=flights).seats_available == 9
    assert put_flight(flight(seat_capacity=6), version=2, flights=flights).seats_available == 0
    with pytest.raises(SeatsAreHeld):
        put_flight(flight(seat_capacity=5), version=3, flights=flights)


def test_an_unknown_flight_is_not_found() -> None:
    with pytest.raises(FlightNotFound):
        get_flight("JB404", flights=MemoryFlights())


def test_flights_are_searched_a_page_at_a_time() -> None:
    flights = MemoryFlights(flight(), flight(flight_id="JB102"))
    page = search_flights(Search(), limit=1, cursor=None, flights=flights)
    assert [it.flight_id for it in page.items] == ["JB101"]
