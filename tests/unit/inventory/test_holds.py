"""What is set aside for an order: from where, how much, and what becomes of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.counting import take_over
from inventory.domain.holds import (
    MAX_LINES,
    MOVES,
    HeldLine,
    Hold,
    HoldStatus,
    Shortage,
    StockShort,
    TooManyLines,
    merge,
    plan,
)
from inventory.domain.levels import Cause, Count, Level, Place

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CAUSE = Cause("order-1", "request-1", "event-1", NOW)


def a_level(product_id: str, location: str, quantity: int) -> Level:
    count = Count(Place(product_id, location), quantity, "2026-11-20", "1")
    _, level = take_over(count, None, threshold=0, cause=CAUSE)
    assert level is not None
    return level


def test_equal_products_are_merged() -> None:
    assert merge([("lamp", 1), ("chair", 2), ("lamp", 3)]) == {"lamp": 4, "chair": 2}


def test_more_products_than_a_transaction_can_hold_are_refused_and_the_limit_named() -> None:
    assert len(merge((f"p{n}", 1) for n in range(MAX_LINES))) == MAX_LINES
    with pytest.raises(TooManyLines, match=str(MAX_LINES)):
        merge((f"p{n}", 1) for n in range(MAX_LINES + 1))


def test_stock_is_taken_where_most_is_available_first() -> None:
    levels = [a_level("lamp", "JFK", 2), a_level("lamp", "LHR", 5), a_level("lamp", "AMS", 2)]
    lines = plan({"lamp": 8}, {"lamp": levels})
    taken = [(line.place.location, line.quantity) for line in lines]
    assert taken == [("LHR", 5), ("AMS", 2), ("JFK", 1)]


def test_stock_is_taken_at_the_preferred_location_first() -> None:
    levels = [a_level("lamp", "JFK", 2), a_level("lamp", "LHR", 5), a_level("lamp", "AMS", 2)]
    for preferred, wanted, expected in (
        ("JFK", 4, [("JFK", 2), ("LHR", 2)]),
        ("AMS", 1, [("AMS", 1)]),
        ("CDG", 6, [("LHR", 5), ("AMS", 1)]),
    ):
        lines = plan({"lamp": wanted}, {"lamp": levels}, preferred)
        assert [(line.place.location, line.quantity) for line in lines] == expected


def test_a_preferred_location_without_stock_hides_no_other() -> None:
    levels = [a_level("lamp", "JFK", 0), a_level("lamp", "LHR", 5)]
    assert plan({"lamp": 5}, {"lamp": levels}, "JFK") == [HeldLine(Place("lamp", "LHR"), 5)]


def test_every_shortage_is_named() -> None:
    levels = {"lamp": [a_level("lamp", "LHR", 1)], "chair": [], "desk": [a_level("desk", "LHR", 9)]}
    with pytest.raises(StockShort) as refused:
        plan({"lamp": 2, "chair": 1, "desk": 9}, levels)
    assert refused.value.shortages == (Shortage("lamp", 2, 1), Shortage("chair", 1, 0))


def test_an_order_that_takes_from_too_many_places_is_refused() -> None:
    levels = [a_level("lamp", f"L{n:02}", 1) for n in range(MAX_LINES + 1)]
    with pytest.raises(TooManyLines):
        plan({"lamp": MAX_LINES + 1}, {"lamp": levels})


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 30), min_size=1),
    st.fixed_dictionaries({p: st.lists(st.integers(0, 12), max_size=5) for p in "abc"}),
)
def test_a_plan_takes_exactly_what_is_wanted_and_nowhere_more_than_there_is(
    wanted: dict[str, int], stored: dict[str, list[int]]
) -> None:
    levels = {p: [a_level(p, f"L{n}", q) for n, q in enumerate(stored[p])] for p in stored}
    short = {product_id for product_id, quantity in wanted.items() if sum(stored[product_id]) < quantity}
    if short:
        with pytest.raises(StockShort) as refused:
            plan(wanted, levels)
        assert {shortage.product_id for shortage in refused.value.shortages} == short
        return
    lines = plan(wanted, levels)
    taken = Counter({line.place: line.quantity for line in lines})
    assert len(taken) == len(lines)
    assert all(sum(q for place, q in taken.items() if place.product_id == p) == n for p, n in wanted.items())
    assert all(
        1 <= taken[level.place] <= level.available
        for p in levels
        for level in levels[p]
        if taken[level.place]
    )


def test_every_status_has_its_moves_and_no_end_has_any_but_a_sale_that_is_taken_back() -> None:
    assert set(MOVES) == set(HoldStatus)
    moves = {(a, b) for a, targets in MOVES.items() for b in targets}
    assert moves == {
        (HoldStatus.HELD, HoldStatus.SOLD),
        (HoldStatus.HELD, HoldStatus.RELEASED),
        (HoldStatus.HELD, HoldStatus.EXPIRED),
        (HoldStatus.SOLD, HoldStatus.RELEASED),
    }


def test_a_hold_expires_at_its_time_and_not_before() -> None:
    line = HeldLine(Place("lamp", "LHR"), 1)
    hold = Hold("order-1", HoldStatus.HELD, CAUSE, (line,), expires_at=NOW + timedelta(minutes=15))
    assert not hold.has_expired(NOW + timedelta(minutes=15) - timedelta(microseconds=1))
    assert hold.has_expired(NOW + timedelta(minutes=15))
