"""DynamoOrders keeps the promises of the port, against DynamoDB."""

from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.money import Money
from orders.adapters.dynamodb import DynamoOrders
from orders.domain.moves import Fact
from orders.domain.orders import Item, Order, place
from tests.fakes.clock import MORNING


def an_order(comment: str | None = "for my sister", currency: str = "USD") -> Order:
    return place(
        order_id="order-1",
        customer_id="customer-1",
        items=(Item("lamp", 2, Money(5025, currency)), Item("chair", 1, Money(1, currency))),
        payment_method="pm_card_visa",
        comment=comment,
        at=MORNING,
        correlation_id="request-1",
    )


def moved(order: Order, *facts: Fact) -> Order:
    for count, fact in enumerate(facts, 1):
        at = MORNING + timedelta(microseconds=count)
        order = order.heard(fact, at=at, causation_id=f"event-{count}", reason="why")
    return order


@pytest.mark.parametrize("order", [an_order(), an_order(comment=None), an_order(currency="JPY")])
def test_an_order_comes_back_as_it_was_written(orders: DynamoOrders, order: Order) -> None:
    assert orders.add(order)
    assert orders.get("order-1") == order


def test_an_order_comes_back_with_its_whole_life(orders: DynamoOrders) -> None:
    orders.add(an_order())
    order = an_order()
    for fact in (Fact.STOCK_RESERVED, Fact.PAYMENT_CAPTURED, Fact.CUSTOMER_CANCELLED):
        order = moved(order, fact)
        orders.save(order)
    assert orders.get("order-1") == order


def test_an_unknown_order_is_none(orders: DynamoOrders) -> None:
    assert orders.get("order-1") is None


def test_an_order_is_added_once(orders: DynamoOrders) -> None:
    assert orders.add(an_order())
    assert not orders.add(an_order(comment="another"))
    assert orders.get("order-1") == an_order()


def test_of_two_who_saw_the_same_version_only_the_first_is_saved(orders: DynamoOrders) -> None:
    orders.add(an_order())
    first, second = moved(an_order(), Fact.STOCK_RESERVED), moved(an_order(), Fact.CUSTOMER_CANCELLED)
    orders.save(first)
    with pytest.raises(ConcurrentUpdate):
        orders.save(second)
    assert orders.get("order-1") == first


def test_the_same_version_is_not_saved_twice(orders: DynamoOrders) -> None:
    orders.add(an_order())
    order = moved(an_order(), Fact.STOCK_RESERVED)
    orders.save(order)
    with pytest.raises(ConcurrentUpdate):
        orders.save(order)


def test_an_order_that_was_never_added_is_not_saved(orders: DynamoOrders) -> None:
    with pytest.raises(ConcurrentUpdate):
        orders.save(replace(an_order(), version=2))
    assert orders.get("order-1") is None


def test_the_table_holds_money_as_whole_numbers_and_times_as_text_that_sorts(orders: DynamoOrders) -> None:
    orders.add(an_order())
    (item,) = boto3.client("dynamodb").scan(TableName="OrdersTable")["Items"]
    assert item["items"]["L"][0]["M"]["price_minor"] == {"N": "5025"}
    assert item["history"]["L"][0]["M"]["at"] == {"S": "2026-11-21T09:30:00.000000Z"}
    assert item["status"] == {"S": "PLACED"}
