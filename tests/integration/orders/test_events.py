"""What orders hears: events of the bus and of the FIFO topic in, the table out."""

from datetime import datetime
from typing import Any

import boto3
import pytest

from jetbridge.contracts.envelope import Amount, EventData
from jetbridge.contracts.inventory import HeldLine, StockHoldExpired, StockRejected, StockReserved
from jetbridge.contracts.payments import (
    PaymentCaptured,
    PaymentDeclined,
    PaymentKind,
    PaymentRefunded,
    PaymentVoided,
)
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.money import Money
from orders import bootstrap
from orders.adapters.dynamodb import DynamoOrders
from orders.domain.moves import OrderStatus
from orders.domain.orders import Item, Order, place
from orders.handlers import payment_events, stock_events
from tests.fakes.clock import MORNING
from tests.lambda_events import context, failed, from_bus, sqs, told

TOTAL = Amount(amount="50.25", currency="USD")
HELD = (HeldLine(product_id="lamp", location="LHR", quantity=1),)


def an_order(order_id: str = "order-1") -> Order:
    return place(
        order_id=order_id,
        customer_id="customer-1",
        items=(Item("lamp", 1, Money(5025, "USD")),),
        payment_method="pm_card_visa",
        comment=None,
        at=MORNING,
        correlation_id="request-1",
    )


def reserved(order_id: str = "order-1") -> StockReserved:
    return StockReserved(
        order_id=order_id, lines=HELD, expires_at=datetime.fromisoformat("2026-11-21T09:45:00Z")
    )


def captured(order_id: str = "order-1") -> PaymentCaptured:
    return PaymentCaptured(reference=order_id, kind=PaymentKind.ORDER, total=TOTAL)


def hear_stock(*facts: EventData | str) -> list[int]:
    batch = sqs(*(from_bus(told(fact)) if isinstance(fact, EventData) else fact for fact in facts))
    return failed(stock_events.handler(batch, context()), batch)


def hear_payments(*facts: EventData | str) -> list[int]:
    bodies = [told(fact).to_wire() if isinstance(fact, EventData) else fact for fact in facts]
    groups = tuple(getattr(fact, "reference", "none") for fact in facts)
    batch = sqs(*bodies, queue="payment-events.fifo", groups=groups)
    return failed(payment_events.handler(batch, context()), batch)


def life_of(orders: DynamoOrders, order_id: str = "order-1") -> list[str]:
    order = orders.get(order_id)
    assert order is not None
    return [step.status for step in order.history]


@pytest.fixture(autouse=True)
def _placed(orders: DynamoOrders) -> None:
    orders.add(an_order())
    orders.add(an_order("order-2"))


def test_an_order_with_stock_and_money_is_confirmed(orders: DynamoOrders) -> None:
    assert hear_stock(reserved()) == []
    assert hear_payments(captured()) == []
    assert life_of(orders) == ["PLACED", "AWAITING_PAYMENT", "CONFIRMED"]


def test_an_order_without_stock_is_rejected_and_says_why(orders: DynamoOrders) -> None:
    assert hear_stock(StockRejected(order_id="order-1", reason="insufficient_stock")) == []
    order = orders.get("order-1")
    assert order is not None
    assert (order.status, order.reason) == (OrderStatus.REJECTED, "insufficient_stock")


def test_an_order_whose_card_was_declined_is_cancelled_and_says_why(orders: DynamoOrders) -> None:
    hear_stock(reserved())
    hear_payments(PaymentDeclined(reference="order-1", kind=PaymentKind.ORDER, reason="card_declined"))
    order = orders.get("order-1")
    assert order is not None
    assert (order.status, order.reason) == (OrderStatus.CANCELLED, "card_declined")


def test_an_order_whose_hold_expired_stays_cancelled_when_the_money_comes_after_all(
    orders: DynamoOrders,
) -> None:
    hear_stock(reserved())
    hear_stock(StockHoldExpired(order_id="order-1"))
    assert hear_payments(captured()) == []
    assert life_of(orders) == ["PLACED", "AWAITING_PAYMENT", "CANCELLED"]


def test_events_that_come_twice_or_out_of_turn_change_nothing_and_are_done_with(orders: DynamoOrders) -> None:
    assert hear_payments(captured()) == []
    assert life_of(orders) == ["PLACED"]
    assert hear_stock(reserved(), reserved(), StockRejected(order_id="order-1", reason="late")) == []
    assert life_of(orders) == ["PLACED", "AWAITING_PAYMENT"]


def test_a_step_names_the_event_that_caused_it(orders: DynamoOrders) -> None:
    event = told(reserved(), entity_id="order-1")
    batch = sqs(from_bus(event))
    stock_events.handler(batch, context())
    order = orders.get("order-1")
    assert order is not None
    assert order.history[-1].causation_id == event.metadata.event_id


@pytest.mark.parametrize(
    "fact",
    [
        PaymentRefunded(reference="order-1", kind=PaymentKind.ORDER, total=TOTAL),
        PaymentVoided(reference="order-1", kind=PaymentKind.ORDER),
    ],
)
def test_money_that_went_back_moves_no_order(orders: DynamoOrders, fact: EventData) -> None:
    assert hear_payments(fact) == []
    assert life_of(orders) == ["PLACED"]


def test_an_unknown_order_is_given_back_and_the_rest_of_the_batch_is_done(orders: DynamoOrders) -> None:
    assert hear_stock(reserved("order-0"), reserved("order-2")) == [0]
    assert life_of(orders, "order-2") == ["PLACED", "AWAITING_PAYMENT"]


def test_on_the_fifo_queue_a_failure_holds_back_its_own_order_only(orders: DynamoOrders) -> None:
    hear_stock(reserved("order-2"))
    assert hear_payments(captured("order-0"), captured("order-2"), captured("order-0")) == [0, 2]
    assert life_of(orders, "order-2")[-1] == "CONFIRMED"


@pytest.mark.parametrize("unreadable", ["{", "{}", '{"detail": {"metadata": {"type": "SkyFell"}}}'])
def test_what_cannot_be_read_is_in_the_dead_letters_at_once(
    orders: DynamoOrders, dead_letters: str, unreadable: str
) -> None:
    assert hear_stock(unreadable, reserved()) == []
    assert life_of(orders) == ["PLACED", "AWAITING_PAYMENT"]
    buried: Any = boto3.client("sqs").receive_message(QueueUrl=dead_letters)["Messages"]
    assert [message["Body"] for message in buried] == [unreadable]


class ContestedOrders(DynamoOrders):
    def save(self, order: Order) -> None:
        raise ConcurrentUpdate(order.order_id)


def test_an_order_that_others_keep_changing_is_given_back_to_the_queue(
    orders: DynamoOrders, monkeypatch: pytest.MonkeyPatch
) -> None:
    contested = ContestedOrders(orders._client, "OrdersTable")
    monkeypatch.setattr(bootstrap, "orders", lambda: contested)
    assert hear_stock(reserved()) == [0]
    assert life_of(orders) == ["PLACED"]
