"""One flight in DynamoDB, and the two states that move its seats: their own expressions, evaluated."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError
from jsonata import Jsonata

from bookings.adapters.flights import DynamoFlights
from checks.templates import ROOT
from tests.fakes.bookings import flight
from tests.fakes.clock import MORNING

CAPACITY = 6
STATES = json.loads((ROOT / "statemachines" / "process_booking.asl.json").read_text())["States"]
_KEY = {"flight_id": {"S": "JB101"}}

type Attempt = Callable[[], bool]


class Seats:
    """`now` is the time that the state machines have, which goes on only when told."""

    def __init__(self, flights: DynamoFlights, capacity: int = CAPACITY) -> None:
        self.client = boto3.client("dynamodb")
        self.flights = flights
        self.now = MORNING
        flights.add(flight(seat_capacity=capacity, seats_available=capacity))

    def reserve(self, booking_id: str, seats: int) -> bool:
        """False if the seats are refused."""
        return self.begin(booking_id, seats)()

    def begin(self, booking_id: str, seats: int) -> Attempt:
        """An attempt at reserving that begins now, and comes when it is called."""
        arguments = self._arguments("Reserve Flight", booking_id, seats)

        def come() -> bool:
            try:
                self.client.update_item(**arguments)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                return False
            return True

        return come

    def release(self, booking_id: str, *, settled: bool) -> None:
        self.client.update_item(**self._arguments("Release Flight", booking_id, 0, settled=settled))

    def wait(self, time: timedelta) -> datetime:
        self.now += time
        return self.now

    @property
    def free(self) -> int:
        found = self.flights.get("JB101")
        assert found is not None
        return found.seats_available

    def held(self) -> dict[str, int]:
        return {name: int(entry["M"]["seats"]["N"]) for name, entry in self.item()["holders"]["M"].items()}

    def item(self) -> dict[str, Any]:
        """As DynamoDB has it."""
        found: dict[str, Any] = self.client.get_item(TableName="FlightsTable", Key=_KEY)["Item"]
        return found

    def remove(self) -> None:
        self.client.delete_item(TableName="FlightsTable", Key=_KEY)

    def _arguments(self, state: str, booking_id: str, seats: int, **variables: bool) -> Any:
        given = {"booking_id": booking_id, "flight_id": "JB101", "seats": seats}
        millis = int(self.now.timestamp() * 1000)
        clock = {"millis": Jsonata.JLambda(lambda: millis)}
        return _evaluated(STATES[state]["Arguments"], {"states": {"input": given}, **variables, **clock})


def _evaluated(value: Any, variables: dict[str, Any]) -> Any:
    """`value` with its JSONata expressions evaluated as Step Functions does."""
    match value:
        case str() if value.startswith("{%"):
            return _result(value[2:-2], variables)
        case str():
            return value.replace("${FlightsTableName}", "FlightsTable")
        case dict():
            return {name: _evaluated(part, variables) for name, part in value.items()}
    return value


def _result(expression: str, variables: dict[str, Any]) -> Any:
    parsed = Jsonata.jsonata(expression)
    frame = parsed.create_frame()
    for name, value in variables.items():
        frame.bind(name, value)
    return parsed.evaluate(None, frame)
