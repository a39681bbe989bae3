"""The adapter of stock keeps the promises of its port."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from inventory.adapters.dynamo_stock import DynamoStock
from inventory.domain.counting import take_over
from inventory.domain.holds import MAX_LINES, HeldLine, Hold, HoldStatus, Shortage
from inventory.domain.levels import Cause, Change, Count, Level, Place
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.dynamodb import from_item

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LHR, JFK = Place("lamp", "LHR"), Place("lamp", "JFK")
CAUSE = Cause("order-1", "request-1", "event-1", NOW)


def a_level(place: Place, quantity: int) -> Level:
    _, level = take_over(Count(place, quantity, "2026-11-20", "1"), None, threshold=5, cause=CAUSE)
    assert level
    return level


def a_hold(*lines: HeldLine, order_id: str = "order-1", minutes: int = 15) -> Hold:
    expires_at = NOW + timedelta(minutes=minutes)
    return Hold(order_id, HoldStatus.HELD, CAUSE, lines or (HeldLine(LHR, 2),), expires_at=expires_at)


def loaded(stock: DynamoStock, *levels: Level) -> None:
    tombstone = Hold(f"loading {levels[0].place}", HoldStatus.RELEASED, CAUSE)
    assert stock.save_hold(tombstone, [Change(None, level) for level in levels])


def everything() -> list[dict[str, object]]:
    return [from_item(item) for item in boto3.client("dynamodb").scan(TableName="StockTable")["Items"]]


def changed() -> list[dict[str, object]]:
    """All but copies: an entry may be filed before the version that replaces its level is refused."""
    return [item for item in everything() if item.get("kind") != "LEDGER"]


def test_what_is_written_is_read_back(stock: DynamoStock) -> None:
    level = a_level(LHR, 10).hold(3, CAUSE)
    loaded(stock, level)
    assert list(stock.levels_of("lamp")) == [level]
    assert stock.levels_at([LHR, JFK]) == {LHR: level}
    rejected = Hold(
        "order-2",
        HoldStatus.REJECTED,
        CAUSE,
        reason="insufficient_stock",
        shortages=(Shortage("lamp", 2, 1),),
    )
    for hold in (a_hold(), rejected):
        assert stock.save_hold(hold, [])
        assert stock.hold_of(hold.order_id) == hold
    assert stock.hold_of("nobody") is None
    assert list(stock.levels_of("nothing")) == []


def test_a_product_is_not_taken_for_another_whose_name_begins_alike(stock: DynamoStock) -> None:
    loaded(stock, a_level(Place("lamp#LEVEL", "LHR"), 1))
    assert list(stock.levels_of("lamp")) == []


def test_a_hold_its_levels_and_their_ledger_are_written_together(stock: DynamoStock) -> None:
    level = a_level(LHR, 10)
    loaded(stock, level)
    assert stock.save_hold(a_hold(), [Change(level, level.hold(2, CAUSE))])
    assert stock.levels_at([LHR])[LHR].held == 2
    (now,) = (item for item in everything() if item.get("kind") == "LEVEL")
    (filed,) = (item for item in everything() if item.get("kind") == "LEDGER")
    told = [
        (item["reason"], item["on_hand_change"], item["held_change"], item["on_hand"], item["held"])
        for item in (filed, now)
    ]
    assert told == [("count", 10, 0, 10, 0), ("hold", 0, 2, 10, 2)]
    assert {filed["reference"], now["reference"]} == {"order-1"}


def test_a_version_of_a_hold_is_written_once(stock: DynamoStock) -> None:
    level = a_level(LHR, 10)
    loaded(stock, level)
    assert stock.save_hold(a_hold(), [])
    assert not stock.save_hold(a_hold(), [Change(level, level.hold(2, CAUSE))])
    sold = replace(a_hold(), status=HoldStatus.SOLD, version=2)
    assert stock.save_hold(sold, [])
    assert not stock.save_hold(replace(sold, status=HoldStatus.RELEASED), [])
    assert stock.levels_at([LHR]) == {LHR: level}


def test_nothing_is_written_when_one_level_has_changed_since(stock: DynamoStock) -> None:
    levels = {place: a_level(place, 10) for place in (LHR, JFK)}
    loaded(stock, *levels.values())
    stock.save_hold(a_hold(order_id="other"), [Change(levels[JFK], levels[JFK].hold(1, CAUSE))])
    before = changed()
    with pytest.raises(ConcurrentUpdate):
        stock.save_hold(a_hold(), [Change(level, level.hold(2, CAUSE)) for level in levels.values()])
    assert sorted(changed(), key=str) == sorted(before, key=str)


def test_a_level_is_not_made_twice(stock: DynamoStock) -> None:
    loaded(stock, a_level(LHR, 10))
    with pytest.raises(ConcurrentUpdate):
        stock.save_hold(a_hold(), [Change(None, a_level(LHR, 3))])


def test_the_largest_hold_fits_one_transaction(stock: DynamoStock) -> None:
    levels = [a_level(Place(f"p{number}", "LHR"), 1) for number in range(MAX_LINES)]
    loaded(stock, *levels)
    lines = [HeldLine(level.place, 1) for level in levels]
    assert stock.save_hold(a_hold(*lines), [Change(level, level.hold(1, CAUSE)) for level in levels])


def test_holds_that_have_passed_their_time_are_listed_longest_past_first(stock: DynamoStock) -> None:
    for order_id, minutes in [("b", 2), ("a", 1), ("later", 5), ("sold", 1)]:
        stock.save_hold(a_hold(order_id=order_id, minutes=minutes), [])
    stock.save_hold(replace(a_hold(order_id="sold"), status=HoldStatus.SOLD, version=2), [])
    assert [*stock.expired_orders(NOW + timedelta(minutes=2))] == ["a", "b"]
