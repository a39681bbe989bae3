"""Each change of an order's status is exactly one event, always with the same id; nothing else is one."""

from datetime import timedelta
from typing import Any

import pytest

from jetbridge.contracts.envelope import Amount, Envelope, EventData
from jetbridge.contracts.orders import OrderAwaitingPayment, OrderCancelled, OrderConfirmed, OrderPlaced
from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.money import Money
from jetbridge.runtime.streams import change_of
from orders.adapters.dynamodb import row_of
from orders.domain.moves import MOVES, Fact, OrderStatus
from orders.domain.orders import Item, Order, place
from orders.handlers.order_changes import event_of
from tests.fakes.clock import MORNING, ticking
from tests.lambda_events import stream_record

PLACED = place(
    order_id="order-1",
    customer_id="customer-1",
    items=(Item("lamp", 2, Money(5025, "USD")), Item("chair", 1, Money(1, "USD"))),
    payment_method="pm_card_visa",
    comment="for my sister",
    at=MORNING,
    correlation_id="request-1",
)
TYPES: dict[OrderStatus, type[EventData]] = {
    OrderStatus.PLACED: OrderPlaced,
    OrderStatus.AWAITING_PAYMENT: OrderAwaitingPayment,
    OrderStatus.CONFIRMED: OrderConfirmed,
    OrderStatus.CANCELLED: OrderCancelled,
}
# Every move that the table allows, from an order that came there.
_WAY: dict[OrderStatus, tuple[Fact, ...]] = {
    OrderStatus.PLACED: (),
    OrderStatus.AWAITING_PAYMENT: (Fact.STOCK_RESERVED,),
    OrderStatus.CONFIRMED: (Fact.STOCK_RESERVED, Fact.PAYMENT_CAPTURED),
}
ALL_MOVES = [(start, fact) for start, moves in MOVES.items() for fact in moves]


def hear(order: Order, fact: Fact, reason: str | None = None) -> Order:
    clock = ticking(order.history[-1].at)
    clock()
    return order.heard(fact, at=clock(), causation_id=f"event of {fact}", reason=reason)


def order_in(status: OrderStatus) -> Order:
    order = PLACED
    for fact in _WAY[status]:
        order = hear(order, fact)
    return order


def told(old: Order | None, new: Order | None) -> Envelope[Any] | None:
    record = stream_record(row_of(old) if old else None, row_of(new) if new else None)
    return event_of(change_of(record))


def test_a_new_order_is_placed() -> None:
    event = told(None, PLACED)
    assert event is not None
    assert event.data.model_dump() == {
        "order_id": "order-1",
        "customer_id": "customer-1",
        "lines": (
            {"product_id": "lamp", "quantity": 2, "unit_price": {"amount": "50.25", "currency": "USD"}},
            {"product_id": "chair", "quantity": 1, "unit_price": {"amount": "0.01", "currency": "USD"}},
        ),
        "total": {"amount": "100.51", "currency": "USD"},
        "preferred_location": None,
    }


@pytest.mark.parametrize(("start", "fact"), ALL_MOVES)
def test_each_move_is_the_event_of_the_status_it_comes_to(start: OrderStatus, fact: Fact) -> None:
    before = order_in(start)
    after = hear(before, fact, reason="why")
    event = told(before, after)
    if after.status is OrderStatus.REJECTED:
        assert event is None, "inventory said so itself; nobody else needs to hear it again"
        return
    assert event is not None
    assert type(event.data) is TYPES[after.status]
    assert event.metadata.type == TYPES[after.status].__name__
    facts = event.data.model_dump()
    assert facts["order_id"] == "order-1"
    assert facts["total"] == Amount.of(PLACED.total).model_dump()


@pytest.mark.parametrize(("start", "fact"), ALL_MOVES)
def test_an_event_says_when_it_happened_what_it_belongs_to_and_what_led_to_it(
    start: OrderStatus, fact: Fact
) -> None:
    before = order_in(start)
    after = hear(before, fact)
    event = told(before, after)
    if event is not None:
        assert to_iso(event.metadata.occurred_at) == to_iso(after.history[-1].at)
        assert event.metadata.correlation_id == "request-1"
        assert event.metadata.causation_id == f"event of {fact}"


def test_a_change_delivered_twice_is_the_same_event_and_each_change_another() -> None:
    life = [PLACED]
    for fact in (Fact.STOCK_RESERVED, Fact.PAYMENT_CAPTURED, Fact.CUSTOMER_CANCELLED):
        life.append(hear(life[-1], fact))
    changes = list(zip([None, *life], life, strict=False))
    once, twice = ([told(old, new) for old, new in changes] for _ in range(2))
    assert once == twice
    assert len({event.metadata.event_id for event in once if event}) == len(life)


def test_a_cancelled_order_says_why() -> None:
    declined = hear(order_in(OrderStatus.AWAITING_PAYMENT), Fact.PAYMENT_DECLINED, reason="card_declined")
    event = told(order_in(OrderStatus.AWAITING_PAYMENT), declined)
    assert event is not None
    assert event.data.reason == "card_declined"


@pytest.mark.parametrize("status", [OrderStatus.PLACED, OrderStatus.AWAITING_PAYMENT])
def test_an_order_told_again_is_its_event_again_under_another_id(status: OrderStatus) -> None:
    order = order_in(status)
    again = order.told_again(at=order.history[-1].at + timedelta(minutes=6), causation_id="tick-1")
    first, second = told(None, order), told(order, again)
    assert first is not None
    assert second is not None
    assert (type(second.data), second.data) == (TYPES[status], first.data)
    assert second.metadata.event_id != first.metadata.event_id
    assert second.metadata.causation_id == "tick-1"


def test_an_order_that_did_not_move_or_is_no_more_is_no_event() -> None:
    assert told(PLACED, PLACED) is None
    assert told(PLACED, None) is None


def test_what_a_customer_wrote_does_not_leave_the_service() -> None:
    event = told(None, PLACED)
    assert event is not None
    assert "sister" not in event.model_dump_json()
