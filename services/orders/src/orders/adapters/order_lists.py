"""Lists of orders, by the table's indexes: a customer's own, and those that wait. Late by milliseconds."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from jetbridge.runtime.cursors import InvalidCursor, starting_after, to_cursor
from jetbridge.runtime.dynamodb import Item, Row, from_item, to_item
from orders.domain.moves import OrderStatus
from orders.domain.orders import OrderSummary
from orders.ports import Search

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BY_CUSTOMER, BY_WAITING = "ByCustomer", "ByWaiting"
_STEP, _MOST_READS = 100, 10  # one request looks through at most a thousand orders


class SummaryRow(Row):
    order_id: str
    status: OrderStatus
    total_minor: int
    currency: str
    placed_at: datetime

    def to_summary(self) -> OrderSummary:
        total = Money(self.total_minor, self.currency)
        return OrderSummary(self.order_id, self.status, total, self.placed_at)


class DynamoOrderLists:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def of_customer(
        self, customer_id: str, search: Search, *, limit: int, cursor: str | None
    ) -> Page[OrderSummary]:
        request: dict[str, Any] = {"TableName": self._table_name, "IndexName": BY_CUSTOMER}
        request |= {"ScanIndexForward": False, **_asked(customer_id, search)}
        with starting_after(cursor) as start:
            _must_be_of(customer_id, start)
            items, last = self._read(request | start, limit, filtered=search.status is not None)
        summaries = (SummaryRow.model_validate(from_item(item)).to_summary() for item in items)
        return Page(tuple(summaries), to_cursor(last))

    def _read(self, request: dict[str, Any], limit: int, *, filtered: bool) -> tuple[list[Item], Item | None]:
        """Up to `limit` items, and the key to go on after. What is filtered is read in larger steps."""
        items: list[Item] = []
        last: Item | None = None
        for _ in range(_MOST_READS):
            found = self._client.query(**request, Limit=_STEP if filtered else limit)
            items += found["Items"]
            last = found.get("LastEvaluatedKey")
            if len(items) >= limit or not last:
                break
            request |= {"ExclusiveStartKey": last}
        if len(items) > limit:
            last = {name: items[limit - 1][name] for name in ("order_id", "customer_id", "placed_at")}
        return items[:limit], last

    def waiting(self, status: OrderStatus, *, before: datetime) -> Iterator[str]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            IndexName=BY_WAITING,
            KeyConditionExpression="waiting_in = :status AND waiting_since < :before",
            ExpressionAttributeValues=to_item({":status": status, ":before": to_iso(before)}),
        )
        return (item["order_id"]["S"] for page in pages for item in page["Items"])


def _must_be_of(customer_id: str, start: Mapping[str, Any]) -> None:
    """A cursor belongs to the caller whose list gave it."""
    key = from_item(start.get("ExclusiveStartKey", {}))
    if key and key.get("customer_id") != customer_id:
        raise InvalidCursor("The cursor is not one that this list gave.")


def _asked(customer_id: str, search: Search) -> dict[str, Any]:
    """The days bound the keys that are read; the status filters what was read."""
    condition, values = "customer_id = :customer", {":customer": customer_id}
    if search.first_day or search.last_day:
        condition += " AND placed_at BETWEEN :from AND :to"
        values[":from"] = search.first_day.isoformat() if search.first_day else "0"
        values[":to"] = f"{search.last_day.isoformat()}T~" if search.last_day else "~"
    asked: dict[str, Any] = {"KeyConditionExpression": condition}
    if search.status:
        values[":status"] = search.status
        asked |= {"FilterExpression": "#s = :status", "ExpressionAttributeNames": {"#s": "status"}}
    return asked | {"ExpressionAttributeValues": to_item(values)}
