"""PUT /flights/{flightId}: operators create a flight, or change the version of it that they have seen."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AwareDatetime, Field, StringConstraints

from bookings import bootstrap
from bookings.domain.flights import Flight, SeatsAreHeld
from bookings.handlers.views import FlightView, flight_view
from bookings.use_cases import flights
from jetbridge.kernel.money import Money
from jetbridge.runtime.http import Price, RequestBody, answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers

app = api({SeatsAreHeld: HTTPStatus.CONFLICT})

FlightId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
# A time at the very ends of the calendar has no equal in UTC.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Airport = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class PutFlightBody(RequestBody):
    """Airports are IATA codes. `version` is the one that the caller has seen; a new flight has none."""

    origin: Airport
    destination: Airport
    departs_at: Annotated[AwareDatetime, Field(ge=_EARLIEST, lt=_LATEST)]
    seat_capacity: Annotated[int, Field(ge=1, le=1000, strict=True)]
    price: Annotated[Price, Field(gt=0, max_digits=10)]
    version: Annotated[int, Field(ge=1, strict=True)] | None = None


@app.put("/flights/<flight_id>", responses=answers(HTTPStatus.OK, FlightView))
def put_flight(flight_id: FlightId, body: PutFlightBody) -> Response[str]:
    wanted = Flight(
        flight_id=flight_id,
        origin=body.origin,
        destination=body.destination,
        departs_at=body.departs_at.astimezone(UTC),
        seat_capacity=body.seat_capacity,
        seats_available=body.seat_capacity,
        price=Money.parse(body.price, bootstrap.api_settings().currency),
    )
    flight = flights.put_flight(wanted, version=body.version, flights=bootstrap.flights())
    return answer(HTTPStatus.OK, flight_view(flight))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
