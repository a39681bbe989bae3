"""The samples in events/orders do what their names say, and each function has one."""

import json
from datetime import datetime, timedelta
from http import HTTPStatus

import boto3
import pytest

from checks.catalogue import events, sample_path
from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.ids import stable_id
from jetbridge.kernel.money import Money
from orders.adapters.dynamodb import DynamoOrders
from orders.domain.moves import Fact, OrderStatus
from orders.domain.orders import Item, Order, place
from orders.handlers import (
    cancel_order,
    get_batch,
    get_order,
    get_product,
    import_products,
    list_orders,
    order_batches,
    order_changes,
    overdue_orders,
    payment_events,
    place_order,
    put_product,
    stock_events,
)
from tests.lambda_events import CUSTOMER, context
from tests.samples import names_of_samples, samples_of

sample = samples_of("orders")
ORDER_ID = stable_id("order", CUSTOMER, "3c9d2a54-order-1")

REQUESTS = {
    "post_order": (place_order, HTTPStatus.ACCEPTED),
    "post_order_with_declined_card": (place_order, HTTPStatus.ACCEPTED),
    "post_order_of_too_many": (place_order, HTTPStatus.ACCEPTED),
    "post_order_with_too_many_digits": (place_order, HTTPStatus.UNPROCESSABLE_ENTITY),
    "post_order_with_unknown_field": (place_order, HTTPStatus.UNPROCESSABLE_ENTITY),
    "post_order_that_is_no_json": (place_order, HTTPStatus.BAD_REQUEST),
    "post_order_without_key": (place_order, HTTPStatus.BAD_REQUEST),
    "post_order_for_somebody_else": (place_order, HTTPStatus.FORBIDDEN),
    "get_order": (get_order, HTTPStatus.OK),
    "get_unknown_order": (get_order, HTTPStatus.NOT_FOUND),
    "get_order_events": (get_order, HTTPStatus.OK),
    "list_orders": (list_orders, HTTPStatus.OK),
    "list_orders_with_cursor_of_somebody_else": (list_orders, HTTPStatus.UNPROCESSABLE_ENTITY),
    "put_product": (put_product, HTTPStatus.OK),
    "put_product_by_customer": (put_product, HTTPStatus.FORBIDDEN),
    "get_product": (get_product, HTTPStatus.OK),
    "post_order_at_another_price": (place_order, HTTPStatus.CONFLICT),
    "delete_order": (cancel_order, HTTPStatus.ACCEPTED),
    "get_batch": (get_batch, HTTPStatus.OK),
    "get_unknown_batch": (get_batch, HTTPStatus.NOT_FOUND),
    "import_products": (import_products, HTTPStatus.OK),
    "import_products_with_bad_row": (import_products, HTTPStatus.OK),
    "import_products_by_customer": (import_products, HTTPStatus.FORBIDDEN),
}
# How many orders a batch places, and how many messages are buried.
BATCHES = {
    "place_batch": (2, 0),
    "place_batch_with_bad_order": (2, 0),
    "place_batch_without_orders": (0, 0),
    "place_batch_of_nobody": (0, 1),
}
HEARD = {
    "hear_stock_reserved": (stock_events, (), OrderStatus.AWAITING_PAYMENT),
    "hear_stock_rejected": (stock_events, (), OrderStatus.REJECTED),
    "hear_stock_hold_expired": (stock_events, (), OrderStatus.CANCELLED),
    "hear_unreadable_stock_event": (stock_events, (), OrderStatus.AWAITING_PAYMENT),
    "hear_payment_captured": (payment_events, (Fact.STOCK_RESERVED,), OrderStatus.CONFIRMED),
    "hear_payment_declined": (payment_events, (Fact.STOCK_RESERVED,), OrderStatus.CANCELLED),
}
CHANGES = {
    "changes_to_confirmed": ["OrderPlaced", "OrderAwaitingPayment", "OrderConfirmed"],
    "change_to_cancelled": ["OrderCancelled"],
    "change_to_rejected": [],
}


def the_order(*facts: Fact, at: datetime | None = None) -> Order:
    order = place(
        order_id=ORDER_ID,
        customer_id=CUSTOMER,
        items=(Item("travel-pillow", 2, Money(5025, "USD")),),
        payment_method="pm_card_visa",
        comment=None,
        at=at or utc_now(),
        correlation_id="request-1",
    )
    for fact in facts:
        order = order.heard(fact, at=utc_now(), causation_id="event-1")
    return order


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_answered_as_its_name_says(orders: DynamoOrders, name: str) -> None:
    function, status = REQUESTS[name]
    if function is not place_order:
        orders.add(the_order())
        order_batches.handler(sample("place_batch"), context())
    put_product.handler(sample("put_product"), context())
    assert function.handler(sample(name), context())["statusCode"] == status


@pytest.mark.parametrize("name", HEARD)
def test_what_is_heard_moves_the_order_as_its_name_says(
    orders: DynamoOrders, dead_letters: str, name: str
) -> None:
    function, facts, status = HEARD[name]
    orders.add(the_order(*facts))
    assert function.handler(sample(name), context()) == {"batchItemFailures": []}
    order = orders.get(ORDER_ID)
    assert order is not None
    assert order.status is status
    buried = boto3.client("sqs").receive_message(QueueUrl=dead_letters).get("Messages", [])
    assert len(buried) == ("unreadable" in name)


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_is_placed_as_its_name_says(dead_letters: str, name: str) -> None:
    assert order_batches.handler(sample(name), context()) == {"batchItemFailures": []}
    stored = boto3.client("dynamodb").scan(TableName="OrdersTable")["Count"]
    buried = boto3.client("sqs").receive_message(QueueUrl=dead_letters).get("Messages", [])
    assert (stored, len(buried)) == BATCHES[name]


@pytest.mark.parametrize("name", CHANGES)
def test_changes_become_the_events_that_their_name_says(name: str) -> None:
    told = order_changes.handler(sample(name), context())
    assert [event["metadata"]["type"] for event in told] == CHANGES[name]


def test_a_change_becomes_exactly_the_sample_of_its_event() -> None:
    """What the pipe makes of the sample changes is what the sample events hold, ids and all."""
    told = [event for name in CHANGES for event in order_changes.handler(sample(name), context())]
    for event in told:
        (path,) = (sample_path(kind) for kind in events() if kind.__name__ == event["metadata"]["type"])
        assert json.loads(path.read_text(encoding="utf-8"))["detail"] == event


def test_an_overdue_order_is_told_again_by_the_schedule(orders: DynamoOrders) -> None:
    orders.add(the_order(at=utc_now() - timedelta(minutes=6)))
    overdue_orders.handler(sample("pursue_overdue_orders"), context(seconds=60))
    order = orders.get(ORDER_ID)
    assert order is not None
    assert order.was_told_again
    assert order.history[-1].causation_id == sample("pursue_overdue_orders")["id"]


def test_no_sample_is_left_untried() -> None:
    told = {sample_path(event).stem for event in events()}
    tried = {*REQUESTS, *BATCHES, *HEARD, *CHANGES, "pursue_overdue_orders"}
    assert names_of_samples("orders") - told == tried
