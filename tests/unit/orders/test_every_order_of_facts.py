"""Every ordered pair of facts, each heard twice, at every moment of an order's life: one end, told once."""

from itertools import product

import pytest

from jetbridge.runtime.streams import change_of
from orders.adapters.dynamodb import row_of
from orders.domain.moves import MOVES, Fact, OrderStatus
from orders.domain.orders import Order
from orders.handlers.order_changes import event_of
from orders.use_cases.orders import record_fact
from tests.fakes.clock import ticking
from tests.fakes.orders import MemoryOrders
from tests.lambda_events import stream_record
from tests.unit.orders.test_domain import WAY
from tests.unit.orders.test_use_cases import an_order

PAIRS = list(product(Fact, Fact))


def hear(orders: MemoryOrders, *facts: Fact) -> Order:
    for fact in facts:
        record_fact("order-1", fact, causation_id=f"event of {fact}", orders=orders, clock=ticking())
    order = orders.get("order-1")
    assert order is not None
    return order


def begun(status: OrderStatus) -> MemoryOrders:
    orders = MemoryOrders(an_order())
    hear(orders, *WAY[status])
    return orders


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_facts_heard_twice_each_leave_what_hearing_each_once_leaves(
    status: OrderStatus, first: Fact, second: Fact
) -> None:
    once = hear(begun(status), first, second)
    assert hear(begun(status), first, first, second, second) == once
    expected = status
    for fact in (first, second):
        expected = MOVES[expected].get(fact, expected)
    assert once.status is expected


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_late_duplicate_of_the_first_never_undoes_the_second(
    status: OrderStatus, first: Fact, second: Fact
) -> None:
    """Unless the first had not moved the order when it came: then it is news now, as the table says."""
    orders = begun(status)
    moved = hear(orders, first).version
    after = hear(orders, second)
    again = hear(orders, first)
    if moved > len(WAY[status]) + 1:
        assert again == after
    else:
        assert again.status is MOVES[after.status].get(first, after.status)


@pytest.mark.parametrize("way", [(), (Fact.STOCK_RESERVED,), (Fact.STOCK_RESERVED, Fact.PAYMENT_CAPTURED)])
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_customer_who_cancels_at_any_moment_ends_cancelled_whatever_comes_then(
    way: tuple[Fact, ...], first: Fact, second: Fact
) -> None:
    """Inventory and payments hear OrderCancelled exactly once; it is theirs to give back."""
    orders = MemoryOrders(an_order())
    before = hear(orders, *way)
    cancelled = hear(orders, Fact.CUSTOMER_CANCELLED)
    assert cancelled.reason == Fact.CUSTOMER_CANCELLED
    assert hear(orders, first, first, second, second) == cancelled
    told = event_of(change_of(stream_record(row_of(before), row_of(cancelled))))
    assert told is not None
    assert told.metadata.type == "OrderCancelled"
