"""Orders that wait too long are told again, then cancelled; what comes late or at once changes nothing."""

from datetime import datetime, timedelta

import pytest

from orders.domain.moves import Fact, OrderStatus
from orders.domain.orders import TOLD_AGAIN, Order
from orders.use_cases.orders import record_fact
from orders.use_cases.overdue import pursue_overdue
from tests.fakes.clock import MORNING, ticking
from tests.fakes.deadlines import for_at_most
from tests.fakes.orders import MemoryOrders
from tests.unit.orders.test_use_cases import an_order

LIMITS = {OrderStatus.PLACED: timedelta(minutes=5), OrderStatus.AWAITING_PAYMENT: timedelta(minutes=10)}


def pursue(orders: MemoryOrders, minutes: float, at_most: int = 10) -> list[Order]:
    """What the schedule does so many minutes after the morning."""
    return pursue_overdue(
        moment=MORNING + timedelta(minutes=minutes),
        limits=LIMITS,
        going_on=for_at_most(at_most),
        causation_id="tick-1",
        lists=orders,
        orders=orders,
    )


def hear(orders: MemoryOrders, fact: Fact, at: datetime = MORNING) -> Order | None:
    return record_fact("order-1", fact, causation_id="event-1", orders=orders, clock=ticking(at))


def history(orders: MemoryOrders) -> list[tuple[str, str]]:
    order = orders.get("order-1")
    assert order is not None
    return [(step.status, step.because) for step in order.history]


def test_an_order_within_its_limit_is_left_alone() -> None:
    orders = MemoryOrders(an_order())
    assert pursue(orders, 5) == []
    assert orders.get("order-1") == an_order()


def test_an_overdue_order_is_told_again_once_and_then_cancelled_and_its_history_says_so() -> None:
    orders = MemoryOrders(an_order())
    (told,) = pursue(orders, 5.1)
    assert (told.version, told.status) == (2, OrderStatus.PLACED)
    assert pursue(orders, 10) == [], "it has as long again"
    (cancelled,) = pursue(orders, 10.2)
    assert (cancelled.status, cancelled.reason) == (OrderStatus.CANCELLED, Fact.OVERDUE)
    assert history(orders) == [("PLACED", "placed"), ("PLACED", TOLD_AGAIN), ("CANCELLED", "overdue")]
    assert cancelled.history[-1].causation_id == "tick-1"
    assert pursue(orders, 1000) == []


def test_each_status_has_a_limit_of_its_own_and_counts_from_its_own_beginning() -> None:
    orders = MemoryOrders(an_order())
    pursue(orders, 5.1)
    hear(orders, Fact.STOCK_RESERVED, MORNING + timedelta(minutes=6))
    assert pursue(orders, 16) == []
    (told,) = pursue(orders, 16.1)
    assert (told.status, told.was_told_again) == (OrderStatus.AWAITING_PAYMENT, True)
    (cancelled,) = pursue(orders, 26.2)
    assert cancelled.reason == Fact.OVERDUE


@pytest.mark.parametrize("end", [Fact.STOCK_REJECTED, Fact.CUSTOMER_CANCELLED, Fact.HOLD_EXPIRED])
def test_an_order_that_ended_waits_for_nothing(end: Fact) -> None:
    orders = MemoryOrders(an_order())
    hear(orders, end)
    assert pursue(orders, 1000) == []


def test_a_confirmed_order_waits_for_nothing() -> None:
    orders = MemoryOrders(an_order())
    hear(orders, Fact.STOCK_RESERVED)
    hear(orders, Fact.PAYMENT_CAPTURED)
    assert pursue(orders, 1000) == []


def test_an_answer_to_what_was_told_again_moves_the_order_on() -> None:
    orders = MemoryOrders(an_order())
    pursue(orders, 6)
    moved = hear(orders, Fact.STOCK_RESERVED, MORNING + timedelta(minutes=7))
    assert moved is not None
    assert (moved.status, moved.version) == (OrderStatus.AWAITING_PAYMENT, 3)


def test_an_order_that_moved_since_the_list_was_made_is_left_alone() -> None:
    orders = MemoryOrders(an_order())
    orders.freeze_lists()
    moved = hear(orders, Fact.STOCK_RESERVED)
    assert pursue(orders, 6) == []
    assert orders.get("order-1") == moved


def test_of_two_sweeps_at_once_one_tells_again_and_neither_cancels() -> None:
    orders = MemoryOrders(an_order())
    orders.freeze_lists()
    (told,) = pursue(orders, 6)
    assert pursue(orders, 6) == []
    assert orders.get("order-1") == told


def test_an_order_that_somebody_moves_at_this_moment_is_theirs() -> None:
    orders = MemoryOrders(an_order())

    def reserved_meanwhile() -> None:
        orders.before_save = lambda: None
        hear(orders, Fact.STOCK_RESERVED)

    orders.before_save = reserved_meanwhile
    assert pursue(orders, 6) == []
    assert history(orders)[-1] == ("AWAITING_PAYMENT", "stock_reserved")


def test_one_order_that_cannot_be_written_does_not_stop_the_others() -> None:
    others = [an_order(order_id=f"order-{n}") for n in (2, 3)]
    orders = MemoryOrders(an_order(), *others)

    def fail_once() -> None:
        orders.before_save = lambda: None
        raise ConnectionError("the table is away")

    orders.before_save = fail_once
    with pytest.raises(ExceptionGroup) as raised:
        pursue(orders, 6)
    assert len(raised.value.exceptions) == 1
    assert [order.order_id for order in pursue(orders, 6)] == ["order-1"], "the next sweep tries again"


def test_a_sweep_takes_no_more_than_it_should_and_the_next_one_goes_on() -> None:
    orders = MemoryOrders(*(an_order(order_id=f"order-{n}") for n in range(5)))
    assert [len(pursue(orders, 6, at_most=3)) for _ in range(3)] == [3, 2, 0]


def test_a_long_line_of_one_status_keeps_none_of_the_other_waiting() -> None:
    orders = MemoryOrders(*(an_order(order_id=f"order-{n}") for n in range(5)))
    hear(orders, Fact.STOCK_RESERVED)
    assert {order.status for order in pursue(orders, 11, at_most=2)} == set(LIMITS)


def test_orders_that_fail_each_time_keep_none_behind_them_waiting() -> None:
    orders = MemoryOrders(*(an_order(order_id=f"order-{n}") for n in range(5)))
    faults = iter([ConnectionError("no answer")] * 4)

    def fail_often() -> None:
        for fault in faults:
            raise fault

    orders.before_save = fail_often
    with pytest.raises(ExceptionGroup):
        pursue(orders, 6)
    last = orders.get("order-4")
    assert last is not None
    assert last.was_told_again
