"""Changes of the orders table as events: the enrichment of this service's pipe. One pure function."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.contracts.envelope import Amount, Envelope, EventData, tell
from jetbridge.contracts.orders import (
    OrderAwaitingPayment,
    OrderCancelled,
    OrderConfirmed,
    OrderLine,
    OrderPlaced,
)
from jetbridge.runtime.observability import observed
from jetbridge.runtime.streams import Change, events_of
from orders import bootstrap
from orders.adapters.dynamodb import OrderRow
from orders.domain.moves import OrderStatus
from orders.domain.orders import Order


def event_of(change: Change) -> Envelope[Any] | None:
    """The event that a new version is, also when only told again; nothing for an order that is rejected."""
    if change.new is None or (change.old and change.old["version"] == change.new["version"]):
        return None
    order = OrderRow.model_validate(change.new).to_order()
    data = _data(order)
    if data is None:
        return None
    return tell(
        data,
        entity_id=order.order_id,
        version=order.version,
        occurred_at=order.history[-1].at,
        correlation_id=order.correlation_id,
        causation_id=order.history[-1].causation_id,
    )


def _data(order: Order) -> EventData | None:
    common = {"order_id": order.order_id, "customer_id": order.customer_id, "total": Amount.of(order.total)}
    match order.status:
        case OrderStatus.PLACED:
            return OrderPlaced.model_validate(common | _asked(order))
        case OrderStatus.AWAITING_PAYMENT:
            return OrderAwaitingPayment.model_validate(common | {"payment_method": order.payment_method})
        case OrderStatus.CONFIRMED:
            return OrderConfirmed.model_validate(common)
        case OrderStatus.CANCELLED:
            return OrderCancelled.model_validate(common | {"reason": order.reason})
        case OrderStatus.REJECTED:
            return None


def _asked(order: Order) -> dict[str, object]:
    return {"lines": _lines(order), "preferred_location": order.preferred_location}


def _lines(order: Order) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(product_id=item.product_id, quantity=item.quantity, unit_price=Amount.of(item.price))
        for item in order.items
    )


@observed
def handler(event: Any, _: LambdaContext) -> Any:
    return events_of(event, event_of, dead_letters=bootstrap.dead_letters)
