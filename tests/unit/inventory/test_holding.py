"""Holding stock, when orders come twice, late and all at once."""

from collections.abc import Callable

import pytest

from inventory.domain.holds import MAX_LINES, HoldStatus, Shortage
from inventory.domain.levels import Change
from jetbridge.kernel.contention import ATTEMPTS
from jetbridge.kernel.errors import ConcurrentUpdate
from tests.fakes.inventory import MemoryStock
from tests.unit.inventory.shop import JFK, KEEP, LHR, NOW, a_cause, a_stock, hold, status_of, units


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
