"""Flights in DynamoDB: one item a flight, key `flight_id`, index `by-origin`.

The saga's state machine takes and gives back seats in the same items; see statemachines/.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from bookings.adapters.holders import HolderRow, forgetting, marks_among
from bookings.domain.flights import Flight, SeatsAreHeld
from bookings.ports import Search
from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from jetbridge.runtime.cursors import starting_after, to_cursor
from jetbridge.runtime.dynamodb import Row, conditional, error_code, from_item, read_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BY_ORIGIN = "by-origin"


class FlightRow(Row):
    """The item as it is stored. The index has no `holders`."""

    flight_id: str
    origin: str
    destination: str
    departs_at: datetime
    seat_capacity: int
    seats_available: int
    price_minor: int
    currency: str
    version: int
    holders: Mapping[str, HolderRow] = {}

    def to_flight(self) -> Flight:
        values = self.model_dump(exclude={"price_minor", "currency", "holders"})
        price = Money(self.price_minor, self.currency)
        return Flight(**values, price=price, marks=marks_among(self.holders))


def _details(flight: Flight) -> dict[str, Any]:
    return {
        "destination_departs_at": _destination_and_time(flight.destination, to_iso(flight.departs_at)),
        "origin": flight.origin,
        "destination": flight.destination,
        "departs_at": to_iso(flight.departs_at),
        "seat_capacity": flight.seat_capacity,
        "price_minor": flight.price.minor,
        "currency": flight.price.currency,
        "version": flight.version,
    }


def _destination_and_time(destination: str, departs_at: str) -> str:
    """The index' order: by destination, then by time."""
    return f"{destination}#{departs_at}"


class DynamoFlights:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def get(self, flight_id: str) -> Flight | None:
        item = read_item(self._client, self._table_name, {"flight_id": flight_id})
        return FlightRow.model_validate(item).to_flight() if item else None

    def search(self, search: Search, *, limit: int, cursor: str | None) -> Page[Flight]:
        """In the index, whose items are small: of the origin if it is known, else through all of it."""
        request = _query(search, search.origin) if search.origin else _filtered(search)
        request |= {"TableName": self._table_name, "IndexName": _BY_ORIGIN, "Limit": limit}
        with starting_after(cursor) as start:
            request |= start
            found: Any = self._client.query(**request) if search.origin else self._client.scan(**request)
        flights = (FlightRow.model_validate(from_item(item)).to_flight() for item in found["Items"])
        return Page(tuple(flights), to_cursor(found.get("LastEvaluatedKey")))

    def add(self, flight: Flight) -> None:
        seats = {"seats_available": flight.seats_available, "holders": {}}
        with conditional(flight.flight_id):
            self._client.put_item(
                TableName=self._table_name,
                Item=to_item({"flight_id": flight.flight_id, **_details(flight), **seats}),
                ConditionExpression="attribute_not_exists(flight_id)",
            )

    def change(self, seen: Flight, wanted: Flight) -> Flight:
        details = _details(wanted)
        more = wanted.seat_capacity - seen.seat_capacity
        try:
            written = self._client.update_item(
                TableName=self._table_name,
                Key=to_item({"flight_id": seen.flight_id}),
                UpdateExpression="SET seats_available = seats_available + :more, "
                + ", ".join(f"#{name} = :{name}" for name in details),
                ConditionExpression="#version = :seen AND seats_available >= :fewer",
                ExpressionAttributeNames={f"#{name}": name for name in details},
                ExpressionAttributeValues=to_item(
                    {f":{name}": value for name, value in details.items()}
                    | {":more": more, ":fewer": -more, ":seen": seen.version}
                ),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            raise _why(error, seen) from error
        return FlightRow.model_validate(from_item(written["Attributes"])).to_flight()

    def forget(self, flight_id: str, booking_ids: Sequence[str], *, before: datetime) -> None:
        with suppress(ConcurrentUpdate), conditional(flight_id):
            self._client.update_item(
                TableName=self._table_name,
                Key=to_item({"flight_id": flight_id}),
                **forgetting(booking_ids, before),
            )


def _why(error: ClientError, seen: Flight) -> Exception:
    """Which half of the condition did not hold: the item as it was is in the answer."""
    item: dict[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]
    if from_item(item).get("version") != seen.version:
        return ConcurrentUpdate(seen.flight_id)
    return SeatsAreHeld("More seats are held than the new capacity has.")


def _query(search: Search, origin: str) -> dict[str, Any]:
    if not search.destination:
        request = _filtered(search)
        values = to_item({":origin": origin}) | request.get("ExpressionAttributeValues", {})
        return request | {"KeyConditionExpression": "origin = :origin", "ExpressionAttributeValues": values}
    day = search.day.isoformat() if search.day else ""
    return {
        "KeyConditionExpression": "origin = :origin AND begins_with(destination_departs_at, :beginning)",
        "ExpressionAttributeValues": to_item(
            {":origin": origin, ":beginning": f"{search.destination}#{day}"}
        ),
    }


def _filtered(search: Search) -> dict[str, Any]:
    filters, values = [], {}
    if search.destination:
        filters.append("destination = :destination")
        values[":destination"] = search.destination
    if search.day:
        filters.append("begins_with(departs_at, :day)")
        values[":day"] = search.day.isoformat()
    if not filters:
        return {}
    return {"FilterExpression": " AND ".join(filters), "ExpressionAttributeValues": to_item(values)}
