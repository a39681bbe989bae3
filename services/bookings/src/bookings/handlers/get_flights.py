"""GET /flights, GET /flights/{flightId}: for everybody."""

import re
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from bookings import bootstrap
from bookings.handlers.bodies import AIRPORT
from bookings.handlers.views import FlightsView, FlightView, flight_view, flights_view
from bookings.ports import Search
from bookings.use_cases import flights
from jetbridge.runtime.http import answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers

app = api()

Airport = Annotated[str | None, Query(pattern=AIRPORT)]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _as_day(day: object) -> object:
    """Neither seconds since 1970 nor a time of the day, which pydantic would take."""
    if isinstance(day, str) and not _DAY.fullmatch(day):
        raise PydanticCustomError("day", "Input should be a day such as 2030-06-01")
    return day


@app.get("/flights", responses=answers(HTTPStatus.OK, FlightsView))
def search_flights(
    origin: Airport = None,
    destination: Airport = None,
    day: Annotated[date | None, BeforeValidator(_as_day), Query(alias="date")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response[str]:
    search = Search(origin, destination, day)
    page = flights.search_flights(search, limit=limit, cursor=cursor, flights=bootstrap.flights())
    return answer(HTTPStatus.OK, flights_view(page))


@app.get("/flights/<flight_id>", responses=answers(HTTPStatus.OK, FlightView))
def get_flight(flight_id: str) -> Response[str]:
    return answer(HTTPStatus.OK, flight_view(flights.get_flight(flight_id, flights=bootstrap.flights())))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
