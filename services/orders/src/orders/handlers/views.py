"""An order as the API shows it."""

from datetime import datetime

from jetbridge.contracts.envelope import Amount
from jetbridge.kernel.pages import Page
from jetbridge.runtime.http import Body
from orders.domain.orders import Order, OrderSummary


class ItemView(Body):
    product_id: str
    price: Amount
    quantity: int


class StepView(Body):
    status: str
    at: datetime
    because: str


class EventView(Body):
    """One change: `causationId` is the event or the request that it came from."""

    version: int
    status: str
    at: datetime
    because: str
    causation_id: str


class OrderEvents(Body):
    order_id: str
    correlation_id: str
    events: list[EventView]


class Links(Body):
    self: str


class SummaryView(Body):
    """What a list says of an order; `links.self` says the rest."""

    order_id: str
    status: str
    total: Amount
    created_at: datetime
    links: Links


class OrdersPage(Body):
    """`nextCursor` asks for the next page, and is missing on the last one."""

    orders: list[SummaryView]
    next_cursor: str | None = None


class OrderView(Body):
    """What is known of an order right after it was placed."""

    order_id: str
    status: str
    total: Amount
    items: list[ItemView]
    comment: str | None = None
    preferred_location: str | None = None
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
        "preferred_location": order.preferred_location,
        "created_at": order.placed_at,
        "links": Links(self=path_of(order)),
    }


def path_of(order: Order | OrderSummary) -> str:
    return f"/orders/{order.order_id}"


def placed_view(order: Order) -> OrderView:
    return OrderView.model_validate(_common(order))


def full_view(order: Order) -> OrderWithHistory:
    steps = [StepView(status=step.status, at=step.at, because=step.because) for step in order.history]
    return OrderWithHistory.model_validate(_common(order) | {"reason": order.reason, "history": steps})


def events_view(order: Order) -> OrderEvents:
    events = [
        EventView(
            version=version,
            status=step.status,
            at=step.at,
            because=step.because,
            causation_id=step.causation_id,
        )
        for version, step in enumerate(order.history, 1)
    ]
    return OrderEvents(order_id=order.order_id, correlation_id=order.correlation_id, events=events)


def page_view(page: Page[OrderSummary]) -> OrdersPage:
    orders = [
        SummaryView(
            order_id=order.order_id,
            status=order.status,
            total=Amount.of(order.total),
            created_at=order.placed_at,
            links=Links(self=path_of(order)),
        )
        for order in page.items
    ]
    return OrdersPage(orders=orders, next_cursor=page.cursor)
