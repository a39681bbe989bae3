"""PUT /flights/{flightId}: operators create a flight, or change the version of it that they have seen."""

import re
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bookings import bootstrap
from bookings.domain.flights import Flight, SeatsAreHeld
from bookings.handlers.bodies import AIRPORT
from bookings.handlers.views import FlightView, flight_view
from bookings.use_cases import flights
from jetbridge.kernel.money import InvalidAmount, Money
from jetbridge.runtime.http import Price, RequestBody, answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.problems import refused_at

app = api({SeatsAreHeld: HTTPStatus.CONFLICT})
app.exception_handler(InvalidAmount)(partial(refused_at, "/price"))

FlightId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
# A time at the very ends of the calendar has no equal in UTC.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_ISO_8601 = re.compile(r"\d{4}-\d{2}-\d{2}T", re.ASCII)
Airport = Annotated[str, StringConstraints(pattern=AIRPORT)]


def _as_iso(time: object) -> object:
    """Seconds since 1970, which pydantic would take, are milliseconds to others."""
    if not (isinstance(time, str) and _ISO_8601.match(time)):
        raise PydanticCustomError("iso_8601", "Input should be a time such as 2030-06-01T09:30:00Z")
    return time


class PutFlightBody(RequestBody):
    """Airports are IATA codes. `version` is the one that the caller has seen; a new flight has none."""

    origin: Airport
    destination: Airport
    departs_at: Annotated[AwareDatetime, BeforeValidator(_as_iso), Field(ge=_EARLIEST, lt=_LATEST)]
    seat_capacity: Annotated[int, Field(ge=1, le=1000, strict=True)]
    price: Annotated[Price, Field(gt=0, max_digits=10)]
    version: Annotated[int, Field(ge=1, strict=True)] | None = None

    @field_validator("destination")
    @classmethod
    def _is_elsewhere(cls, destination: str, given: ValidationInfo) -> str:
        if destination == given.data.get("origin"):
            raise PydanticCustomError("elsewhere", "Input should be another airport than the origin")
        return destination


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
