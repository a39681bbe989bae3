"""Bookings in DynamoDB: one item a booking, key `booking_id`, index `by-customer` with the newest last.

`waiting_in` and `waiting_since` are there for the sparse index `by-waiting`: one line for all that wait.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bookings.domain.bookings import Booking, BookingStatus, Step, Unsettled
from bookings.domain.payments import Payment
from bookings.domain.waiting import waits_since
from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.errors import NotFound
from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from jetbridge.runtime.cursors import starting_after, to_cursor
from jetbridge.runtime.dynamodb import Row, batch_get, from_item, put_new, put_version, read_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BY_CUSTOMER = "by-customer"
_BY_WAITING = "by-waiting"
_LINE = "PENDING"


class StepRow(Row):
    name: str
    outcome: str
    at: datetime
    causation_id: str


class UnsettledRow(Row):
    compensation: str
    error: str
    at: datetime


class BookingRow(Row):
    """The item as it is stored."""

    booking_id: str
    customer_id: str
    flight_id: str
    seats: int
    total_minor: int
    currency: str
    payment_method: str
    correlation_id: str
    created_at: datetime
    status: BookingStatus
    steps: tuple[StepRow, ...]
    payment: Payment | None = None
    task_token: str | None = None
    refund_requested: bool
    refund_due_minor: int | None = None
    reason: str | None = None
    pickup: str | None = None
    unsettled: tuple[UnsettledRow, ...] = ()
    pursued_until: datetime | None = None
    group_id: str | None = None
    withdrawn: bool = False
    settled: bool = False
    saga_version: int | None = None
    version: int

    def to_booking(self) -> Booking:
        values = self.model_dump(
            exclude={"total_minor", "refund_due_minor", "currency", "steps", "unsettled"}
        )
        steps = tuple(Step(**step.model_dump()) for step in self.steps)
        unsettled = tuple(Unsettled(**it.model_dump()) for it in self.unsettled)
        due = None if self.refund_due_minor is None else Money(self.refund_due_minor, self.currency)
        total = Money(self.total_minor, self.currency)
        return Booking(**values, total=total, refund_due=due, steps=steps, unsettled=unsettled)


def row_of(booking: Booking) -> dict[str, Any]:
    """Plain values; times as text that sorts by time."""
    values = asdict(booking)
    del values["total"], values["refund_due"], values["pursued_until"]
    return values | {
        "total_minor": booking.total.minor,
        "refund_due_minor": booking.refund_due.minor if booking.refund_due else None,
        "currency": booking.total.currency,
        "created_at": to_iso(booking.created_at),
        "steps": [asdict(step) | {"at": to_iso(step.at)} for step in booking.steps],
        "unsettled": [asdict(it) | {"at": to_iso(it.at)} for it in booking.unsettled] or None,
        **_waiting(booking),
    }


def _waiting(booking: Booking) -> dict[str, Any]:
    until, since = booking.pursued_until, waits_since(booking)
    waiting = {"waiting_in": _LINE, "waiting_since": to_iso(since)} if since else {}
    return waiting | ({"pursued_until": to_iso(until)} if until else {})


class DynamoBookings:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def get(self, booking_id: str) -> Booking | None:
        item = read_item(self._client, self._table_name, {"booking_id": booking_id})
        return BookingRow.model_validate(item).to_booking() if item else None

    def get_all(self, booking_ids: Sequence[str]) -> tuple[Booking, ...]:
        keys = [{"booking_id": booking_id} for booking_id in booking_ids]
        rows = map(BookingRow.model_validate, map(from_item, batch_get(self._client, self._table_name, keys)))
        found = {row.booking_id: row.to_booking() for row in rows}
        if missing := set(booking_ids) - found.keys():
            raise NotFound(f"There is no booking {min(missing)}.")
        return tuple(found[booking_id] for booking_id in booking_ids)

    def of_customer(self, customer_id: str, *, limit: int, cursor: str | None) -> Page[Booking]:
        request: dict[str, Any] = {
            "TableName": self._table_name,
            "IndexName": _BY_CUSTOMER,
            "KeyConditionExpression": "customer_id = :customer",
            "ExpressionAttributeValues": to_item({":customer": customer_id}),
            "ScanIndexForward": False,
            "Limit": limit,
        }
        with starting_after(cursor) as start:
            found = self._client.query(**request, **start)
        bookings = (BookingRow.model_validate(from_item(item)).to_booking() for item in found["Items"])
        return Page(tuple(bookings), to_cursor(found.get("LastEvaluatedKey")))

    def waiting(self, *, before: datetime) -> Iterator[str]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            IndexName=_BY_WAITING,
            KeyConditionExpression="waiting_in = :line AND waiting_since < :before",
            ExpressionAttributeValues=to_item({":line": _LINE, ":before": to_iso(before)}),
        )
        return (item["booking_id"]["S"] for page in pages for item in page["Items"])

    def add(self, booking: Booking) -> bool:
        return put_new(self._client, self._table_name, row_of(booking), "booking_id")

    def save(self, booking: Booking) -> None:
        put_version(self._client, self._table_name, row_of(booking), "booking_id")
