"""What of the table's stream is told, and that it is told once by one name."""

from typing import Any

import pytest

from inventory.handlers import stock_changes
from tests.integration.inventory.warehouse import Warehouse
from tests.lambda_events import context, stream_record


def tell(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[dict[str, Any]]:
    records: Any = [stream_record(old, new)]
    told: list[dict[str, Any]] = stock_changes.handler(records, context())
    return told


def types(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[str]:
    return [event["metadata"]["type"] for event in tell(old, new)]


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    warehouse.load("lamp,LHR,10,2026-11-20\n")
    return warehouse


def test_a_hold_is_told_with_its_lines_its_cause_and_the_orders_correlation(shop: Warehouse) -> None:
    shop.place("order-1", lamp=2)
    (event,) = tell(None, shop.hold("order-1"))
    assert event["metadata"]["type"] == "StockReserved"
    assert event["metadata"]["correlation_id"] == "correlation-1"
    assert event["metadata"]["occurred_at"] == shop.hold("order-1")["changed_at"]
    assert event["data"]["lines"] == [{"product_id": "lamp", "location": "LHR", "quantity": 2}]
    assert event["data"]["expires_at"] == "2026-11-21T09:45:00Z"
    assert tell(None, shop.hold("order-1")) == [event]


def test_every_end_of_a_hold_has_its_event_and_a_sale_none(shop: Warehouse) -> None:
    shop.place("order-1", lamp=2)
    held = shop.hold("order-1")
    shop.confirm("order-1")
    assert types(held, shop.hold("order-1")) == []
    shop.cancel("order-1")
    assert types(held, shop.hold("order-1")) == ["StockReleased"]
    shop.place("order-2", lamp=99)
    (rejected,) = tell(None, shop.hold("order-2"))
    assert rejected["data"]["reason"] == "insufficient_stock"
    assert rejected["data"]["shortages"] == [{"product_id": "lamp", "wanted": 99, "available": 10}]


def test_a_tombstone_is_nobodys_news(shop: Warehouse) -> None:
    shop.cancel("order-1")
    assert types(None, shop.hold("order-1")) == []


def test_stock_runs_low_when_it_crosses_the_threshold_downwards(shop: Warehouse) -> None:
    def level() -> dict[str, Any]:
        (found,) = shop.items("LEVEL")
        return found

    full = level()
    shop.place("order-1", lamp=5)
    at_threshold = level()
    assert types(full, at_threshold) == []
    shop.place("order-2", lamp=1)
    low = level()
    (event,) = tell(at_threshold, low)
    assert event["data"] == {"product_id": "lamp", "location": "LHR", "available": 4, "threshold": 5}
    shop.place("order-3", lamp=1)
    assert types(low, level()) == []
    shop.cancel("order-1")
    assert types(low, level()) == []
    assert types(None, low) == []


def test_a_level_below_what_is_held_is_told_once_with_the_orders_that_hold_it(shop: Warehouse) -> None:
    for number in range(3):
        shop.place(f"order-{number}", lamp=2)
    shop.confirm("order-0")
    (before,) = shop.items("LEVEL")
    shop.load("lamp,LHR,1,2026-11-21\n", "incoming/later.csv")
    (after,) = shop.items("LEVEL")
    (event,) = tell(before | {"low": True}, after)
    assert event["metadata"]["type"] == "StockOversold"
    assert event["data"] == {
        "product_id": "lamp",
        "location": "LHR",
        "counted": 1,
        "held": 4,
        "oversold_by": 3,
        "order_ids": ["order-1", "order-2"],
    }
    assert types(before | {"low": False}, after) == ["StockRanLow", "StockOversold"]
    shop.place("order-1", lamp=1)
    shop.cancel("order-1")
    (later,) = shop.items("LEVEL")
    assert types(after, later) == []


def test_only_the_end_of_a_run_is_told(shop: Warehouse) -> None:
    ended = shop.run()
    running = ended | {"status": "RUNNING"}
    (event,) = tell(running, ended)
    assert event["metadata"]["type"] == "StockFileImported"
    assert event["data"]["counts"]["rows_written"] == 1
    assert types(None, running) == types(running, running | {"rows_written": 1}) == types(ended, ended) == []
    assert types(running, ended | {"status": "DUPLICATE"}) == []


def test_bookkeeping_and_what_vanishes_is_not_told(shop: Warehouse) -> None:
    for kind in ("LEDGER", "PACK", "LEVEL"):
        for item in shop.items(kind):
            assert types(None, item) == []
    assert types(shop.run(), None) == []
