"""What is on hand and held, whatever happens to it in whatever order."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.counting import take_over
from inventory.domain.levels import Cause, Count, InsufficientStock, Level, Place, Reason

LHR = Place("lamp", "LHR")
CAUSE = Cause("order-1", "request-1", "event-1", datetime(2026, 11, 21, 9, 30, tzinfo=UTC))


def a_level(quantity: int, *, threshold: int = 5) -> Level:
    count = Count(LHR, quantity, "2026-11-20", "000000001")
    _, level = take_over(count, None, threshold=threshold, cause=CAUSE)
    assert level is not None
    return level


def counted(level: Level, quantity: int) -> Level:
    revision = f"{level.version + 1:09}"
    count = Count(LHR, quantity, f"2026-11-21/{revision}", revision)
    _, newer = take_over(count, level, threshold=level.threshold, cause=CAUSE)
    assert newer is not None
    return newer


def test_a_hold_takes_from_what_is_available_and_a_sale_from_what_is_held() -> None:
    held = a_level(10).hold(4, CAUSE)
    assert (held.on_hand, held.held, held.available) == (10, 4, 6)
    sold = held.sell(4, CAUSE)
    assert (sold.on_hand, sold.held, sold.available) == (6, 0, 6)
    assert (held.reason, sold.reason, sold.version) == (Reason.HOLD, Reason.SALE, 3)


def test_no_more_is_held_than_is_available() -> None:
    with pytest.raises(InsufficientStock):
        a_level(3).hold(4, CAUSE)


def test_what_is_released_or_returned_is_available_again() -> None:
    assert a_level(10).hold(4, CAUSE).release(4, CAUSE).available == 10
    assert a_level(10).hold(4, CAUSE).sell(4, CAUSE).take_back(4, CAUSE).available == 10


def test_a_count_below_what_is_held_never_breaks_the_hold() -> None:
    level = counted(a_level(10).hold(5, CAUSE), 3)
    assert (level.on_hand, level.held, level.oversold_by) == (5, 5, 2)


def test_units_that_do_not_exist_are_not_given_back() -> None:
    oversold = counted(a_level(10).hold(5, CAUSE), 3)
    released = oversold.release(3, CAUSE)
    assert (released.on_hand, released.held, released.oversold_by, released.available) == (3, 2, 0, 1)
    returned = oversold.sell(5, CAUSE).take_back(5, CAUSE)
    assert (returned.on_hand, returned.oversold_by) == (3, 0)


def test_a_level_is_low_below_its_threshold_and_not_at_it() -> None:
    assert not a_level(5, threshold=5).is_low
    assert a_level(5, threshold=5).hold(1, CAUSE).is_low


@given(
    st.lists(
        st.tuples(st.sampled_from(["hold", "sell", "release", "take_back", "count"]), st.integers(0, 20))
    )
)
def test_on_hand_is_never_below_held_and_held_never_below_nothing(steps: list[tuple[str, int]]) -> None:
    level, sold = a_level(10), 0
    for step, quantity in steps:
        match step:
            case "hold" if quantity <= level.available:
                level = level.hold(quantity, CAUSE)
            case "sell" if quantity <= level.held:
                level, sold = level.sell(quantity, CAUSE), sold + quantity
            case "release" if quantity <= level.held:
                level = level.release(quantity, CAUSE)
            case "take_back" if quantity <= sold:
                level, sold = level.take_back(quantity, CAUSE), sold - quantity
            case "count":
                level = counted(level, quantity)
        assert level.on_hand >= level.held >= 0
        assert level.oversold_by >= 0
        assert not (level.oversold_by and level.available)
