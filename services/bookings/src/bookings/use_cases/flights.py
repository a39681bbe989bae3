"""Flights: operators put them, everybody may look."""

from dataclasses import replace
from datetime import datetime

from bookings.domain.flights import LATE_AFTER, Flight, FlightNotFound
from bookings.ports import Flights, Search
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.pages import Page

# More than a group has bookings, so marks do not become more; as many as one update takes.
FORGOTTEN_AT_ONCE = 70
WORTH_A_WRITE = 25


def put_flight(wanted: Flight, *, version: int | None, flights: Flights) -> Flight:
    """Create the flight, or change the one that the caller saw at `version`. Put again, it stays as it is.

    Raises ConcurrentUpdate if the flight is at another version, SeatsAreHeld if the capacity is too small.
    """
    flight = flights.get(wanted.flight_id)
    if flight is not None and flight.details == wanted.details:
        return flight
    if flight is None and version is None:
        flights.add(wanted)
        return wanted
    if flight is None or flight.version != version:
        raise ConcurrentUpdate(wanted.flight_id)
    return flights.change(flight, replace(wanted, version=version + 1))


def get_flight(flight_id: str, *, flights: Flights) -> Flight:
    """Raises FlightNotFound."""
    flight = flights.get(flight_id)
    if flight is None:
        raise FlightNotFound("There is no such flight.")
    return flight


def search_flights(search: Search, *, limit: int, cursor: str | None, flights: Flights) -> Page[Flight]:
    return flights.search(search, limit=limit, cursor=cursor)


def make_room(flight: Flight, *, now: datetime, flights: Flights) -> None:
    """Forget marks that refuse nobody any more. Done by who books, since bookings leave them."""
    before = now - LATE_AFTER
    old = [mark.booking_id for mark in flight.marks if mark.released_at < before]
    if len(old) >= WORTH_A_WRITE:
        flights.forget(flight.flight_id, old[:FORGOTTEN_AT_ONCE], before=before)
