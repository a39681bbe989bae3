"""Orders in DynamoDB: one item an order, key `order_id`, every write under a condition.

`placed_at`, `total_minor`, `waiting_in` and `waiting_since` are there for the indexes; see order_lists.py.
"""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.money import Money
from jetbridge.runtime.dynamodb import Row, put_new, put_version, read_item
from orders.domain.moves import OrderStatus
from orders.domain.orders import Item, Order, Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ItemRow(Row):
    product_id: str
    quantity: int
    price_minor: int


class StepRow(Row):
    status: OrderStatus
    at: datetime
    because: str
    causation_id: str


class OrderRow(Row):
    """The item as it is stored. `status` stands beside the history for readers of the table."""

    order_id: str
    customer_id: str
    status: OrderStatus
    currency: str
    items: tuple[ItemRow, ...]
    payment_method: str
    comment: str | None = None
    correlation_id: str
    history: tuple[StepRow, ...]
    reason: str | None = None
    preferred_location: str | None = None
    version: int

    def to_order(self) -> Order:
        return Order(
            order_id=self.order_id,
            customer_id=self.customer_id,
            items=tuple(
                Item(item.product_id, item.quantity, Money(item.price_minor, self.currency))
                for item in self.items
            ),
            payment_method=self.payment_method,
            comment=self.comment,
            correlation_id=self.correlation_id,
            history=tuple(Step(**step.model_dump()) for step in self.history),
            reason=self.reason,
            preferred_location=self.preferred_location,
            version=self.version,
        )


def row_of(order: Order) -> dict[str, object]:
    """Plain values; no float, and times as text that sorts by time."""
    return {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "status": order.status,
        "currency": order.total.currency,
        "items": [
            {"product_id": item.product_id, "quantity": item.quantity, "price_minor": item.price.minor}
            for item in order.items
        ],
        "payment_method": order.payment_method,
        "comment": order.comment,
        "correlation_id": order.correlation_id,
        "history": [asdict(step) | {"at": to_iso(step.at)} for step in order.history],
        "reason": order.reason,
        "preferred_location": order.preferred_location,
        "version": order.version,
        "placed_at": to_iso(order.placed_at),
        "total_minor": order.total.minor,
        **_waiting(order),
    }


def _waiting(order: Order) -> dict[str, object]:
    """Only orders that wait are in the index of those that do."""
    since = order.waiting_since
    return {"waiting_in": order.status, "waiting_since": to_iso(since)} if since else {}


class DynamoOrders:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def get(self, order_id: str) -> Order | None:
        item = read_item(self._client, self._table_name, {"order_id": order_id})
        return OrderRow.model_validate(item).to_order() if item else None

    def add(self, order: Order) -> bool:
        return put_new(self._client, self._table_name, row_of(order), "order_id")

    def save(self, order: Order) -> None:
        put_version(self._client, self._table_name, row_of(order), "order_id")
