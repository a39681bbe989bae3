"""An order as the API shows it."""

from datetime import datetime

from jetbridge.contracts.envelope import Amount
from jetbridge.runtime.http import Body
from orders.domain import Order


class ItemView(Body):
    product_id: str
    price: Amount
    quantity: int


class StepView(Body):
    status: str
    at: datetime
    because: str


class Links(Body):
    self: str


class OrderView(Body):
    """What is known of an order right after it was placed."""

    order_id: str
    status: str
    total: Amount
    items: list[ItemView]
    comment: str | None = None
    created_at: datetime
    links: Links


class OrderWithHistory(OrderView):
    """`reason` says why the order was rejected or cancelled."""

    reason: str | None = None
    history: list[StepView]


def _common(order: Order) -> dict[str, object]:
    return {
        "order_id": order.order_id,
        "status": order.status,
        "total": Amount.of(order.total),
        "items": [
            ItemView(product_id=item.product_id, price=Amount.of(item.price), quantity=item.quantity)
            for item in order.items
        ],
        "comment": order.comment,
        "created_at": order.placed_at,
        "links": Links(self=path_of(order)),
    }


def path_of(order: Order) -> str:
    return f"/orders/{order.order_id}"


def placed_view(order: Order) -> OrderView:
    return OrderView.model_validate(_common(order))


def full_view(order: Order) -> OrderWithHistory:
    steps = [StepView(status=step.status, at=step.at, because=step.because) for step in order.history]
    return OrderWithHistory.model_validate(_common(order) | {"reason": order.reason, "history": steps})
