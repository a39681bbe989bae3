"""What can be done with orders, when others write at the same time and answers are lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.kernel.errors import ConcurrentUpdate, KeyReused, NotFound
from jetbridge.kernel.money import Money
from orders.domain.moves import MOVES, Fact, MoveNotAllowed, OrderStatus
from orders.domain.orders import Item, Order, place
from orders.domain.products import PriceList
from orders.use_cases.orders import cancel_order, get_order, record_fact
from orders.use_cases.orders import place_order as place_at_prices
from tests.fakes.clock import MORNING, ticking
from tests.fakes.orders import MemoryOrders, MemoryProducts

OWNER, STRANGER = "customer-1", "customer-2"


def an_order(
    *,
    order_id: str = "order-1",
    quantity: int = 2,
    payment_method: str = "pm_card_visa",
    comment: str | None = None,
) -> Order:
    return place(
        order_id=order_id,
        customer_id=OWNER,
        items=(Item("lamp", quantity, Money(5025, "USD")),),
        payment_method=payment_method,
        comment=comment,
        at=MORNING,
        correlation_id="request-1",
    )


def place_order(order: Order, *, orders: MemoryOrders) -> Order:
    """Where nobody keeps a price list."""
    return place_at_prices(order, orders=orders, products=MemoryProducts(), rule=PriceList.OPTIONAL)


def hear(orders: MemoryOrders, fact: Fact, *, reason: str | None = None) -> Order | None:
    return record_fact(
        "order-1", fact, causation_id=f"event of {fact}", reason=reason, orders=orders, clock=ticking()
    )


def cancel(orders: MemoryOrders, customer_id: str = OWNER) -> Order:
    return cancel_order(
        "order-1", customer_id=customer_id, causation_id="request-2", orders=orders, clock=ticking()
    )


def status_in(orders: MemoryOrders) -> OrderStatus:
    order = orders.get("order-1")
    assert order is not None
    return order.status


def test_an_order_is_placed_once_and_the_first_one_counts() -> None:
    orders = MemoryOrders()
    first = place_order(an_order(comment="first"), orders=orders)
    assert place_order(an_order(comment="second"), orders=orders) == first
    assert len(orders) == 1


def test_an_order_whose_answer_was_lost_is_found_again_by_the_next_try() -> None:
    orders = MemoryOrders()
    orders.lose_answers = 1
    with pytest.raises(ConnectionError):
        place_order(an_order(), orders=orders)
    assert place_order(an_order(), orders=orders) == an_order()


@pytest.mark.parametrize("other", [an_order(quantity=3), an_order(payment_method="pm_other")])
def test_another_order_under_the_same_id_is_refused_and_never_answered_with_the_first(other: Order) -> None:
    orders = MemoryOrders(an_order())
    with pytest.raises(KeyReused):
        place_order(other, orders=orders)
    assert orders.get("order-1") == an_order()


def test_an_order_is_shown_to_its_customer_and_to_nobody_else() -> None:
    orders = MemoryOrders(an_order())
    assert get_order("order-1", customer_id=OWNER, orders=orders) == an_order()
    messages = []
    for order_id, customer_id in (("order-1", STRANGER), ("order-2", OWNER)):
        with pytest.raises(NotFound) as refused:
            get_order(order_id, customer_id=customer_id, orders=orders)
        messages.append(refused.value.detail)
    assert len(set(messages)) == 1, "an answer must not tell that a stranger's order exists"


def test_a_fact_moves_the_order_and_is_written_down_with_its_cause() -> None:
    orders = MemoryOrders(an_order())
    moved = hear(orders, Fact.STOCK_REJECTED, reason="insufficient_stock")
    assert moved == orders.get("order-1")
    assert moved is not None
    assert (moved.reason, moved.history[-1].causation_id) == ("insufficient_stock", "event of stock_rejected")


def test_a_fact_heard_twice_changes_nothing_the_second_time() -> None:
    orders = MemoryOrders(an_order())
    moved = hear(orders, Fact.STOCK_RESERVED)
    assert hear(orders, Fact.STOCK_RESERVED) is None
    assert orders.get("order-1") == moved


def test_a_fact_about_an_unknown_order_is_not_swallowed() -> None:
    with pytest.raises(NotFound):
        hear(MemoryOrders(), Fact.STOCK_RESERVED)


def test_a_fact_is_decided_anew_when_someone_else_wrote_first() -> None:
    """The customer cancels between our read and our write: the payment then finds no move."""
    orders = MemoryOrders(an_order())
    hear(orders, Fact.STOCK_RESERVED)

    def cancelled_meanwhile() -> None:
        orders.before_save = lambda: None
        cancel(orders)

    orders.before_save = cancelled_meanwhile
    assert hear(orders, Fact.PAYMENT_CAPTURED) is None
    assert status_in(orders) == OrderStatus.CANCELLED


def test_a_fact_that_loses_every_race_is_given_back_to_the_queue() -> None:
    orders = MemoryOrders(an_order())
    tries = 0

    def someone_is_always_first() -> None:
        nonlocal tries
        tries += 1
        raise ConcurrentUpdate("order-1")

    orders.before_save = someone_is_always_first
    with pytest.raises(ConcurrentUpdate):
        hear(orders, Fact.STOCK_RESERVED)
    assert tries > 1
    assert status_in(orders) == OrderStatus.PLACED


@given(st.lists(st.tuples(st.sampled_from(Fact), st.booleans()), max_size=10))
def test_lost_answers_and_redeliveries_leave_the_same_order_as_a_quiet_day(
    facts: list[tuple[Fact, bool]],
) -> None:
    quiet, stormy = MemoryOrders(an_order()), MemoryOrders(an_order())
    for fact, answer_lost in facts:
        hear(quiet, fact)
        if answer_lost and fact in MOVES[status_in(stormy)]:
            stormy.lose_answers = 1
            with pytest.raises(ConnectionError):
                hear(stormy, fact)
        hear(stormy, fact)
        hear(stormy, fact)
    assert stormy.get("order-1") == quiet.get("order-1")


def test_a_customer_cancels_an_order_and_cancelling_again_changes_nothing() -> None:
    orders = MemoryOrders(an_order())
    cancelled = cancel(orders)
    assert (cancelled.status, cancelled.reason) == (OrderStatus.CANCELLED, Fact.CUSTOMER_CANCELLED)
    assert cancel(orders) == cancelled == orders.get("order-1")


def test_a_confirmed_order_can_still_be_cancelled() -> None:
    orders = MemoryOrders(an_order())
    hear(orders, Fact.STOCK_RESERVED)
    hear(orders, Fact.PAYMENT_CAPTURED)
    assert cancel(orders).status == OrderStatus.CANCELLED


def test_a_cancellation_whose_answer_was_lost_succeeds_when_it_is_asked_again() -> None:
    orders = MemoryOrders(an_order())
    orders.lose_answers = 1
    with pytest.raises(ConnectionError):
        cancel(orders)
    assert cancel(orders).status == OrderStatus.CANCELLED


@pytest.mark.parametrize("fact", [Fact.STOCK_REJECTED, Fact.HOLD_EXPIRED])
def test_an_order_that_ended_by_itself_cannot_be_cancelled(fact: Fact) -> None:
    orders = MemoryOrders(an_order())
    ended = hear(orders, fact)
    with pytest.raises(MoveNotAllowed):
        cancel(orders)
    assert orders.get("order-1") == ended


def test_a_stranger_cannot_cancel_an_order_nor_learn_of_it() -> None:
    orders = MemoryOrders(an_order())
    with pytest.raises(NotFound):
        cancel(orders, STRANGER)
    assert orders.get("order-1") == an_order()
