"""Flights: operators put them, everybody may look."""

from dataclasses import replace

from bookings.domain.flights import Flight, FlightNotFound
from bookings.ports import Flights, Page, Search
from jetbridge.kernel.errors import ConcurrentUpdate


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
