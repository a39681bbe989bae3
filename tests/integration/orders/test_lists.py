"""GET /orders and GET /orders/{orderId}/events: a customer's own orders by the index, and what happened."""

import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import boto3
import pytest

from jetbridge.kernel.money import Money
from jetbridge.runtime import aws
from orders.adapters.dynamodb import DynamoOrders
from orders.adapters.order_lists import DynamoOrderLists
from orders.domain.moves import Fact, OrderStatus
from orders.domain.orders import Item, Order, place
from orders.handlers import get_order, list_orders
from tests.fakes.clock import MORNING
from tests.lambda_events import CUSTOMER, OTHER_CUSTOMER, api_request, context

DAY = timedelta(days=1)


def placed(
    orders: DynamoOrders, order_id: str, *facts: Fact, at: datetime = MORNING, customer: str = CUSTOMER
) -> Order:
    order = place(
        order_id=order_id,
        customer_id=customer,
        items=(Item("lamp", 2, Money(5025, "USD")),),
        payment_method="pm_card_visa",
        comment="for my sister",
        at=at,
        correlation_id="request-1",
    )
    orders.add(order)
    for count, fact in enumerate(facts, 1):
        order = order.heard(fact, at=at + timedelta(seconds=count), causation_id=f"event-{count}")
        orders.save(order)
    return order


def listed(subject: str = CUSTOMER, **query: str) -> Any:
    answer = list_orders.handler(
        api_request("GET", "/orders", query=query or None, subject=subject), context()
    )
    return answer["statusCode"], json.loads(answer["body"])


def ids(subject: str = CUSTOMER, **query: str) -> list[str]:
    status, body = listed(subject, **query)
    assert status == HTTPStatus.OK, body
    return [order["orderId"] for order in body["orders"]]


def test_a_customer_sees_the_own_orders_newest_first_and_nobody_elses(orders: DynamoOrders) -> None:
    for count in range(3):
        placed(orders, f"order-{count}", at=MORNING + count * DAY)
    placed(orders, "order-9", customer=OTHER_CUSTOMER)
    assert ids() == ["order-2", "order-1", "order-0"]
    assert ids(OTHER_CUSTOMER) == ["order-9"]
    assert listed()[1]["orders"][2] == {
        "orderId": "order-0",
        "status": "PLACED",
        "total": {"amount": "100.50", "currency": "USD"},
        "createdAt": "2026-11-21T09:30:00Z",
        "links": {"self": "/orders/order-0"},
    }
    assert "nextCursor" not in listed()[1]


def test_who_ordered_nothing_sees_an_empty_list(orders: DynamoOrders) -> None:
    assert listed() == (HTTPStatus.OK, {"orders": []})


def test_pages_show_every_order_once(orders: DynamoOrders) -> None:
    for count in range(7):
        placed(orders, f"order-{count}", at=MORNING + count * DAY)
    seen, query = [], {"limit": "3"}
    for _ in range(4):
        _, body = listed(**query)
        seen += [order["orderId"] for order in body["orders"]]
        if "nextCursor" not in body:
            break
        query["cursor"] = body["nextCursor"]
    assert seen == [f"order-{count}" for count in reversed(range(7))]


def test_a_status_shows_only_its_orders_as_they_are_now(orders: DynamoOrders) -> None:
    placed(orders, "order-1")
    placed(orders, "order-2", Fact.STOCK_RESERVED)
    placed(orders, "order-3", Fact.STOCK_REJECTED)
    assert ids(status="AWAITING_PAYMENT") == ["order-2"]
    assert ids(status="REJECTED") == ["order-3"]
    assert ids(status="CONFIRMED") == []


def test_a_page_of_one_status_is_full_and_the_next_one_goes_on_after_it(orders: DynamoOrders) -> None:
    for count in range(6):
        placed(orders, f"order-{count}", *[Fact.STOCK_RESERVED] * (count % 2 == 0), at=MORNING + count * DAY)
    _, first = listed(status="AWAITING_PAYMENT", limit="2")
    assert [order["orderId"] for order in first["orders"]] == ["order-4", "order-2"]
    assert ids(status="AWAITING_PAYMENT", limit="2", cursor=first["nextCursor"]) == ["order-0"]


def test_a_rare_status_is_found_behind_many_orders_or_on_a_later_page(
    orders: DynamoOrders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.adapters.order_lists._STEP", 1)
    monkeypatch.setattr("orders.adapters.order_lists._MOST_READS", 3)
    for count in range(5):
        placed(orders, f"order-{count}", *[Fact.STOCK_RESERVED] * (count == 0), at=MORNING + count * DAY)
    _, first = listed(status="AWAITING_PAYMENT", limit="2")
    assert first["orders"] == []
    assert ids(status="AWAITING_PAYMENT", limit="2", cursor=first["nextCursor"]) == ["order-0"]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"from": "2026-11-22"}, ["order-2", "order-1"]),
        ({"to": "2026-11-22"}, ["order-1", "order-0"]),
        ({"from": "2026-11-22", "to": "2026-11-22"}, ["order-1"]),
        ({"from": "2026-11-22", "to": "2026-11-23", "status": "PLACED"}, ["order-2", "order-1"]),
        ({"from": "2027-01-01"}, []),
    ],
)
def test_a_period_is_of_whole_days_both_included(
    orders: DynamoOrders, period: dict[str, str], expected: list[str]
) -> None:
    for count in range(3):
        placed(orders, f"order-{count}", at=MORNING + count * DAY)
    assert ids(**period) == expected


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "invalid_request"),
        ({"limit": "101"}, "invalid_request"),
        ({"status": "LOST"}, "invalid_request"),
        ({"from": "yesterday"}, "invalid_request"),
        ({"from": "0"}, "invalid_request"),
        ({"to": "2026-11-22T10:00:00Z"}, "invalid_request"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "invalid_period"),
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"cursor": "e30x"}, "invalid_cursor"),
    ],
)
def test_a_list_that_cannot_be_is_refused(orders: DynamoOrders, query: dict[str, str], code: str) -> None:
    status, body = listed(**query)
    assert (status, body["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, code)


def test_a_cursor_is_of_no_use_to_somebody_else(orders: DynamoOrders) -> None:
    for count in range(2):
        placed(orders, f"order-{count}", at=MORNING + count * DAY)
    cursor = listed(limit="1")[1]["nextCursor"]
    assert ids(cursor=cursor) == ["order-0"]
    status, body = listed(OTHER_CUSTOMER, cursor=cursor)
    assert (status, body["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_cursor")


def events(order_id: str, subject: str = CUSTOMER) -> Any:
    request = api_request("GET", f"/orders/{order_id}/events", subject=subject)
    answer = get_order.handler(request, context())
    return answer["statusCode"], json.loads(answer["body"])


def test_the_events_of_an_order_say_what_happened_when_and_because_of_what(orders: DynamoOrders) -> None:
    placed(orders, "order-1", Fact.STOCK_RESERVED)
    status, body = events("order-1")
    assert status == HTTPStatus.OK
    assert body == {
        "orderId": "order-1",
        "correlationId": "request-1",
        "events": [
            {
                "version": 1,
                "status": "PLACED",
                "at": "2026-11-21T09:30:00Z",
                "because": "placed",
                "causationId": "request-1",
            },
            {
                "version": 2,
                "status": "AWAITING_PAYMENT",
                "at": "2026-11-21T09:30:01Z",
                "because": "stock_reserved",
                "causationId": "event-1",
            },
        ],
    }


def test_the_events_of_somebody_elses_order_are_not_found(orders: DynamoOrders) -> None:
    placed(orders, "order-1")
    assert events("order-1", OTHER_CUSTOMER)[0] == events("order-2")[0] == HTTPStatus.NOT_FOUND


def test_only_orders_that_wait_are_in_the_index_of_those_that_do(orders: DynamoOrders) -> None:
    placed(orders, "order-1")
    placed(orders, "order-2", Fact.STOCK_RESERVED)
    placed(orders, "order-3", Fact.STOCK_RESERVED, Fact.PAYMENT_CAPTURED)
    placed(orders, "order-4", Fact.STOCK_REJECTED)
    placed(orders, "order-5", at=MORNING - DAY)
    lists = DynamoOrderLists(aws.client("dynamodb"), "OrdersTable")
    later = MORNING + timedelta(seconds=1)
    assert [*lists.waiting(OrderStatus.PLACED, before=later)] == ["order-5", "order-1"]
    assert [*lists.waiting(OrderStatus.PLACED, before=MORNING)] == ["order-5"]
    assert [*lists.waiting(OrderStatus.AWAITING_PAYMENT, before=later)] == []
    index = boto3.client("dynamodb").scan(TableName="OrdersTable", IndexName="ByWaiting")
    assert {item["order_id"]["S"] for item in index["Items"]} == {"order-1", "order-2", "order-5"}
