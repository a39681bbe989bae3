"""Selling, releasing and expiring, when events come twice, late and out of order."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.holds import HoldStatus
from inventory.use_cases.holding import hold_stock, sell_hold
from jetbridge.kernel.contention import ATTEMPTS
from jetbridge.kernel.errors import ConcurrentUpdate, NotFound
from tests.fakes.inventory import no_pause
from tests.unit.inventory.shop import (
    KEEP,
    NOW,
    a_cause,
    a_stock,
    expire,
    hold,
    release,
    sell,
    status_of,
    units,
)


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


def test_a_sweep_ends_with_its_time_and_the_next_one_goes_on() -> None:
    stock = a_stock(LHR=5)
    for number in range(3):
        hold(stock, order_id=f"order-{number}")
    assert len(expire(stock, at_most=2)) == 2
    assert len(expire(stock, at_most=2)) == 1


def test_a_hold_that_was_sold_meanwhile_is_not_given_back() -> None:
    stock = a_stock(LHR=5)
    hold(stock)

    def sold_meanwhile() -> None:
        stock.writes.before = lambda: None
        sell(stock)

    stock.writes.before = sold_meanwhile
    assert expire(stock) == []
    assert stock.holds["order-1"].status == HoldStatus.SOLD


def test_a_hold_that_others_are_busy_with_waits_for_the_next_time() -> None:
    stock = a_stock(LHR=5)
    hold(stock, order_id="order-1")
    hold(stock, order_id="order-2")
    busy = iter(range(ATTEMPTS))

    def overtaken() -> None:
        for _ in busy:
            raise ConcurrentUpdate("busy")

    stock.writes.before = overtaken
    assert [hold.order_id for hold in expire(stock)] == ["order-2"]
    assert [hold.order_id for hold in expire(stock)] == ["order-1"]


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
