"""GET /flights, GET /flights/{flightId}: for everybody."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.bodies import AIRPORT
from bookings.handlers.views import FlightsView, FlightView, flight_view, flights_view
from bookings.ports import Search
from bookings.use_cases import flights
from jetbridge.runtime.http import answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.query import Cursor, Day, Limit

app = api()

Airport = Annotated[str | None, Query(pattern=AIRPORT)]


@app.get("/flights", responses=answers(HTTPStatus.OK, FlightsView))
def search_flights(
    origin: Airport = None,
    destination: Airport = None,
    day: Annotated[Day | None, Query(alias="date")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
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
