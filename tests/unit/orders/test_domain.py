"""What an order may do: every status with every fact, and every order of facts."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.kernel.money import CurrencyMismatch, Money
from orders.domain.moves import MOVES, Fact, MoveNotAllowed, OrderStatus
from orders.domain.orders import MAX_AMOUNT_MINOR, MAX_ITEMS, InvalidOrder, Item, Order, place
from tests.fakes.clock import MORNING

P, A, C = OrderStatus.PLACED, OrderStatus.AWAITING_PAYMENT, OrderStatus.CONFIRMED
R, X = OrderStatus.REJECTED, OrderStatus.CANCELLED

# The whole life of an order, written a second time and by hand: a change of the rules changes both.
LIFE = {
    (P, Fact.STOCK_RESERVED): A,
    (P, Fact.STOCK_REJECTED): R,
    (P, Fact.HOLD_EXPIRED): X,
    (P, Fact.CUSTOMER_CANCELLED): X,
    (P, Fact.OVERDUE): X,
    (A, Fact.HOLD_EXPIRED): X,
    (A, Fact.PAYMENT_CAPTURED): C,
    (A, Fact.PAYMENT_DECLINED): X,
    (A, Fact.CUSTOMER_CANCELLED): X,
    (A, Fact.OVERDUE): X,
    (C, Fact.HOLD_EXPIRED): X,
    (C, Fact.CUSTOMER_CANCELLED): X,
}
# How an order comes to each status.
WAY = {
    P: (),
    A: (Fact.STOCK_RESERVED,),
    C: (Fact.STOCK_RESERVED, Fact.PAYMENT_CAPTURED),
    R: (Fact.STOCK_REJECTED,),
    X: (Fact.CUSTOMER_CANCELLED,),
}
LAMP = Item("lamp", 2, Money(5025, "USD"))


def placed(*items: Item) -> Order:
    return place(
        order_id="order-1",
        customer_id="customer-1",
        items=items or (LAMP,),
        payment_method="pm_card_visa",
        comment=None,
        at=MORNING,
        correlation_id="request-1",
    )


def after(order: Order, *facts: Fact) -> Order:
    for count, fact in enumerate(facts, 1):
        order = order.heard(fact, at=MORNING + timedelta(seconds=count), causation_id=f"event-{count}")
    return order


def test_the_table_of_moves_is_the_life_of_an_order() -> None:
    assert {(start, fact): end for start, moves in MOVES.items() for fact, end in moves.items()} == LIFE
    assert MOVES.keys() == set(OrderStatus)


@pytest.mark.parametrize("fact", Fact)
@pytest.mark.parametrize("status", OrderStatus)
def test_each_fact_moves_each_status_as_the_table_says_or_not_at_all(status: OrderStatus, fact: Fact) -> None:
    order = after(placed(), *WAY[status])
    assert order.status == status
    at = MORNING + timedelta(hours=1)
    if (status, fact) not in LIFE:
        with pytest.raises(MoveNotAllowed):
            order.heard(fact, at=at, causation_id="event-9")
        return
    moved = order.heard(fact, at=at, causation_id="event-9", reason="why")
    step = moved.history[-1]
    assert (step.status, step.at, step.because, step.causation_id) == (
        LIFE[status, fact],
        at,
        "why",
        "event-9",
    )
    assert moved.version == order.version + 1
    assert moved.history[:-1] == order.history
    assert moved.reason == ("why" if moved.status in (R, X) else None)


@given(st.lists(st.sampled_from(Fact), max_size=12))
def test_whatever_comes_in_whatever_order_and_however_often_the_history_is_legal(facts: list[Fact]) -> None:
    order = placed()
    for fact in facts:
        if fact in MOVES[order.status]:
            order = after(order, fact)
    statuses = [step.status for step in order.history]
    assert statuses[0] is P
    assert all(end in MOVES[start].values() for start, end in pairwise(statuses))
    assert len(set(statuses)) == len(statuses) == order.version


@pytest.mark.parametrize("status", [R, X])
def test_an_order_that_ended_badly_says_why_in_the_facts_own_name(status: OrderStatus) -> None:
    order = after(placed(), *WAY[status])
    assert order.reason == WAY[status][-1]


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 10_000)), min_size=1, max_size=MAX_ITEMS))
def test_the_total_is_the_sum_of_its_items(wanted: list[tuple[int, int]]) -> None:
    items = tuple(Item(f"product-{n}", count, Money(minor, "USD")) for n, (count, minor) in enumerate(wanted))
    minor = sum(count * price for count, price in wanted)
    if minor == 0:
        with pytest.raises(InvalidOrder):
            placed(*items)
    else:
        assert placed(*items).total == Money(minor, "USD")


@pytest.mark.parametrize(
    "items",
    [
        (LAMP,) * (MAX_ITEMS + 1),
        (Item("lamp", 1, Money(0, "USD")),),
        (Item("lamp", 1, Money(MAX_AMOUNT_MINOR + 1, "USD")),),
        (LAMP, Item("palace", 10_000, Money(MAX_AMOUNT_MINOR, "USD"))),
    ],
    ids=["too many items", "for nothing", "unaffordable", "unaffordable together"],
)
def test_an_order_that_nobody_could_be_charged_for_is_refused(items: tuple[Item, ...]) -> None:
    with pytest.raises(InvalidOrder):
        placed(*items)


def test_an_order_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidOrder):
        place(
            order_id="order-1",
            customer_id="customer-1",
            items=(),
            payment_method="pm_card_visa",
            comment=None,
            at=MORNING,
            correlation_id="request-1",
        )


def test_an_order_has_one_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        placed(LAMP, Item("chair", 1, Money(1, "EUR")))
