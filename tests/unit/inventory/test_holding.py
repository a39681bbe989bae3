"""Holding, selling and giving back, when orders come twice, late, out of order and all at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.counting import take_over
from inventory.domain.holds import MAX_LINES, Hold, HoldStatus, Shortage
from inventory.domain.levels import Cause, Change, Count, Place
from inventory.use_cases.contention import ATTEMPTS
from inventory.use_cases.holding import expire_holds, hold_stock, release_hold, sell_hold
from jetbridge.kernel.errors import ConcurrentUpdate, NotFound
from tests.fakes.inventory import MemoryStock, no_pause

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
KEEP = timedelta(minutes=15)
LHR, JFK = Place("lamp", "LHR"), Place("lamp", "JFK")


def a_cause(order_id: str = "order-1", at: datetime = NOW) -> Cause:
    return Cause(order_id, "request-1", f"event of {order_id}", at)


def a_stock(**quantities: int) -> MemoryStock:
    stock = MemoryStock()
    for location, quantity in quantities.items():
        count = Count(Place("lamp", location), quantity, "2026-11-20", "1")
        _, level = take_over(count, None, threshold=0, cause=a_cause("import-1:2"))
        assert level
        stock.change([Change(None, level)])
    return stock


def hold(stock: MemoryStock, *lines: tuple[str, int], order_id: str = "order-1") -> Hold | None:
    asked = lines or (("lamp", 1),)
    return hold_stock(order_id, asked, keep=KEEP, cause=a_cause(order_id), stock=stock, pause=no_pause)


def sell(stock: MemoryStock, confirmed_at: datetime = NOW, order_id: str = "order-1") -> Hold | None:
    cause = a_cause(order_id, confirmed_at)
    return sell_hold(order_id, confirmed_at=confirmed_at, cause=cause, stock=stock, pause=no_pause)


def release(stock: MemoryStock, order_id: str = "order-1") -> Hold | None:
    return release_hold(order_id, cause=a_cause(order_id), stock=stock, pause=no_pause)


def expire(stock: MemoryStock, moment: datetime = NOW + KEEP, limit: int = 100) -> list[Hold]:
    return expire_holds(moment=moment, limit=limit, stock=stock, pause=no_pause)


def status_of(hold: Hold | None) -> HoldStatus | None:
    return hold.status if hold else None


def units(stock: MemoryStock, place: Place = LHR) -> tuple[int, int]:
    return stock.levels[place].on_hand, stock.levels[place].held


def test_every_line_is_held_until_its_time() -> None:
    stock = a_stock(LHR=5, JFK=2)
    held = hold(stock, ("lamp", 4), ("lamp", 2))
    assert held
    assert held.status == HoldStatus.HELD
    assert held.expires_at == NOW + KEEP
    assert (units(stock, LHR), units(stock, JFK)) == ((5, 5), (2, 1))


def test_nothing_is_held_when_one_line_is_short() -> None:
    stock = a_stock(LHR=5)
    rejected = hold(stock, ("lamp", 2), ("chair", 1))
    assert rejected
    assert (rejected.status, rejected.reason) == (HoldStatus.REJECTED, "insufficient_stock")
    assert rejected.shortages == (Shortage("chair", 1, 0),)
    assert units(stock) == (5, 0)


def test_an_order_of_too_many_products_is_rejected_by_name_of_the_limit() -> None:
    rejected = hold(a_stock(LHR=5), *((f"p{n}", 1) for n in range(MAX_LINES + 1)))
    assert rejected
    assert rejected.reason == "too_many_lines"


def test_a_redelivered_order_is_held_once() -> None:
    stock = a_stock(LHR=5)
    hold(stock)
    assert hold(stock) is None
    assert units(stock) == (5, 1)


def test_an_order_that_was_held_is_not_rejected_when_it_comes_again_to_an_empty_stock() -> None:
    stock = a_stock(LHR=1)
    hold(stock)
    assert hold(stock) is None
    assert stock.holds["order-1"].status == HoldStatus.HELD


def test_a_hold_whose_answer_was_lost_counts_once() -> None:
    stock = a_stock(LHR=5)
    stock.writes.lose_answers = 1
    with pytest.raises(ConnectionError):
        hold(stock)
    assert hold(stock) is None
    assert units(stock) == (5, 1)


def others_take(stock: MemoryStock, *, times: int, quantity: int = 1) -> Callable[[], None]:
    """In front of each of so many writes, another order takes from the same level."""
    left = iter(range(times))

    def before() -> None:
        if (number := next(left, None)) is not None:
            level = stock.levels[LHR]
            stock.change([Change(level, level.hold(quantity, a_cause(f"other-{number}")))])

    return before


def test_whoever_is_overtaken_reads_again_and_still_gets_what_is_left() -> None:
    stock = a_stock(LHR=5)
    stock.writes.before = others_take(stock, times=3)
    assert status_of(hold(stock)) == HoldStatus.HELD
    assert units(stock) == (5, 4)


def test_whoever_is_overtaken_by_the_last_unit_is_rejected() -> None:
    stock = a_stock(LHR=1)
    stock.writes.before = others_take(stock, times=1)
    assert status_of(hold(stock)) == HoldStatus.REJECTED


def test_contention_is_never_answered_with_no_stock() -> None:
    stock = a_stock(LHR=100)
    stock.writes.before = others_take(stock, times=ATTEMPTS)
    with pytest.raises(ConcurrentUpdate):
        hold(stock)
    assert "order-1" not in stock.holds


def test_a_sale_takes_what_was_held_once() -> None:
    stock = a_stock(LHR=5)
    hold(stock, ("lamp", 2))
    assert status_of(sell(stock)) == HoldStatus.SOLD
    assert sell(stock) is None
    assert units(stock) == (3, 0)


def test_a_release_gives_back_once() -> None:
    stock = a_stock(LHR=5)
    hold(stock, ("lamp", 2))
    assert status_of(release(stock)) == HoldStatus.RELEASED
    assert release(stock) is None
    assert units(stock) == (5, 0)


def test_an_order_that_was_cancelled_before_it_was_heard_of_is_never_held() -> None:
    stock = a_stock(LHR=5)
    assert release(stock) is None
    assert hold(stock) is None
    assert units(stock) == (5, 0)
    assert stock.holds["order-1"].status == HoldStatus.RELEASED


def test_a_release_that_meets_the_order_at_its_first_write_releases_it() -> None:
    stock = a_stock(LHR=5)

    def order_comes_first() -> None:
        stock.writes.before = lambda: None
        hold(stock)

    stock.writes.before = order_comes_first
    assert status_of(release(stock)) == HoldStatus.RELEASED
    assert units(stock) == (5, 0)


def test_a_rejected_order_has_nothing_to_give_back() -> None:
    stock = a_stock(LHR=0)
    hold(stock)
    assert release(stock) is None


def test_confirmed_and_cancelled_come_to_the_same_in_both_orders() -> None:
    first, second = a_stock(LHR=5), a_stock(LHR=5)
    for stock in (first, second):
        hold(stock)
    sell(first), release(first)
    release(second), sell(second)
    assert units(first) == units(second) == (5, 0)
    assert first.holds["order-1"].status == second.holds["order-1"].status == HoldStatus.RELEASED


def test_a_sale_of_an_order_that_was_never_heard_of_is_a_fault() -> None:
    with pytest.raises(NotFound):
        sell(a_stock(LHR=5))


def test_a_sale_that_was_confirmed_in_time_counts_however_late_it_is_told() -> None:
    stock = a_stock(LHR=5)
    hold(stock)
    cause = a_cause(at=NOW + KEEP * 2)
    sold = sell_hold(
        "order-1", confirmed_at=NOW + KEEP - timedelta(seconds=1), cause=cause, stock=stock, pause=no_pause
    )
    assert status_of(sold) == HoldStatus.SOLD


def test_a_sale_that_was_confirmed_too_late_expires_the_hold() -> None:
    stock = a_stock(LHR=5)
    hold(stock)
    assert status_of(sell(stock, confirmed_at=NOW + KEEP)) == HoldStatus.EXPIRED
    assert units(stock) == (5, 0)


def test_expired_holds_are_given_back_and_the_others_left() -> None:
    stock = a_stock(LHR=5)
    hold(stock, order_id="order-1")
    hold_stock("order-2", [("lamp", 1)], keep=KEEP * 2, cause=a_cause("order-2"), stock=stock, pause=no_pause)
    assert [hold.order_id for hold in expire(stock)] == ["order-1"]
    assert expire(stock) == []
    assert units(stock) == (5, 1)
    assert sell(stock) is None


def test_no_more_holds_are_given_back_at_a_time_than_the_limit() -> None:
    stock = a_stock(LHR=5)
    for number in range(3):
        hold(stock, order_id=f"order-{number}")
    assert len(expire(stock, limit=2)) == 2
    assert len(expire(stock, limit=2)) == 1


def test_a_hold_that_was_sold_meanwhile_is_not_given_back() -> None:
    stock = a_stock(LHR=5)
    hold(stock)
    stock.writes.before = lambda: (setattr(stock.writes, "before", lambda: None), sell(stock))[0]  # type: ignore[func-returns-value]
    assert expire(stock) == []
    assert stock.holds["order-1"].status == HoldStatus.SOLD


def test_one_hold_that_cannot_be_given_back_keeps_nobody_waiting() -> None:
    stock = a_stock(LHR=5)
    hold(stock, order_id="order-1")
    hold(stock, order_id="order-2")
    faults = iter([ConnectionError("no answer")])

    def fail_once() -> None:
        for fault in faults:
            raise fault

    stock.writes.before = fail_once
    with pytest.raises(ExceptionGroup) as failed:
        expire(stock)
    assert [type(fault) for fault in failed.value.exceptions] == [ConnectionError]
    assert units(stock) == (5, 1)
    assert len(expire(stock)) == 1


@given(
    st.lists(
        st.tuples(st.sampled_from(["hold", "sell", "late", "release", "expire"]), st.integers(1, 3)),
        max_size=30,
    )
)
def test_the_ledger_adds_up_whatever_happens(steps: list[tuple[str, int]]) -> None:
    stock = a_stock(LHR=3, JFK=2)
    for step, number in steps:
        order_id = f"order-{number}"
        match step:
            case "hold":
                hold(stock, ("lamp", number), order_id=order_id)
            case "sell" if order_id in stock.holds:
                sell(stock, order_id=order_id)
            case "late" if order_id in stock.holds:
                sell(stock, confirmed_at=NOW + KEEP, order_id=order_id)
            case "release":
                release(stock, order_id=order_id)
            case "expire":
                expire(stock)
        sums = {place: (level.on_hand, level.held) for place, level in stock.levels.items()}
        assert stock.ledger_sums() == sums
        held = [hold for hold in stock.holds.values() if hold.status == HoldStatus.HELD]
        assert sum(line.quantity for hold in held for line in hold.lines) == sum(h for _, h in sums.values())
