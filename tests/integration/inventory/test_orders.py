"""Orders through the functions: held, sold, given back, too late."""

import json
import os
from datetime import timedelta

import boto3
import pytest

from inventory import bootstrap
from inventory.adapters.dynamo_stock import DynamoStock
from inventory.handlers import expired_holds
from jetbridge.kernel.contention import at_once
from jetbridge.kernel.errors import ConcurrentUpdate
from tests.integration.inventory.warehouse import MORNING, Warehouse
from tests.lambda_events import context

STOCK = "lamp,LHR,10,2026-11-20\nlamp,JFK,4,2026-11-20\nchair,LHR,1,2026-11-20\n"


def ledger_holds(warehouse: Warehouse) -> bool:
    """Whether every level is what its ledger adds up to."""
    return all(
        level[name]
        == sum(
            entry[f"{name}_change"]
            for entry in warehouse.ledger()
            if (entry["product_id"], entry["location"]) == (level["product_id"], level["location"])
        )
        for level in warehouse.items("LEVEL")
        for name in ("on_hand", "held")
    )


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    warehouse.load(STOCK)
    return warehouse


def test_an_order_is_held_and_sold(shop: Warehouse) -> None:
    assert shop.place("order-1", lamp=12, chair=1) == []
    assert shop.hold("order-1")["status"] == "HELD"
    assert [shop.level("lamp"), shop.level("lamp", "JFK"), shop.level("chair")] == [(10, 10), (4, 2), (1, 1)]
    assert shop.confirm("order-1") == []
    assert shop.hold("order-1")["status"] == "SOLD"
    assert [shop.level("lamp"), shop.level("lamp", "JFK"), shop.level("chair")] == [(0, 0), (2, 0), (0, 0)]
    assert ledger_holds(shop)


def test_an_order_that_is_short_of_one_thing_gets_nothing(shop: Warehouse) -> None:
    assert shop.place("order-1", lamp=1, chair=2, desk=1) == []
    assert shop.hold("order-1")["status"] == "REJECTED"
    assert [short["product_id"] for short in shop.hold("order-1")["shortages"]] == ["chair", "desk"]
    assert shop.level("lamp") == (10, 0)


def test_a_cancelled_order_gives_back_what_it_held_even_when_told_twice(shop: Warehouse) -> None:
    shop.place("order-1", lamp=2)
    for _ in range(2):
        assert shop.cancel("order-1") == []
        assert shop.place("order-1", lamp=2) == []
    assert shop.hold("order-1")["status"] == "RELEASED"
    assert shop.level("lamp") == (10, 0)
    assert ledger_holds(shop)


def test_a_cancelled_order_that_overtakes_itself_is_never_held(shop: Warehouse) -> None:
    shop.cancel("order-1")
    shop.place("order-1", lamp=2)
    assert shop.level("lamp") == (10, 0)


def test_an_order_that_others_hold_up_comes_again_soon_and_is_no_failure(
    shop: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meet_others(*_: object) -> bool:
        raise ConcurrentUpdate("lamp")

    sqs, queue = boto3.client("sqs"), os.environ["QUEUE_URL"]
    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "pause", at_once)
        patch.setattr(DynamoStock, "save_hold", meet_others)
        assert shop.place("order-1", lamp=2) == shop.cancel("order-2") == []
    for _ in range(2):
        (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        assert json.loads(message["Body"])["detail"]["data"]["order_id"] in {"order-1", "order-2"}
    assert shop.level("lamp") == (10, 0)


def test_a_confirmation_of_an_unknown_order_is_given_back(shop: Warehouse) -> None:
    assert shop.confirm("order-1") == [0]


def test_a_stock_file_below_what_is_held_breaks_no_hold(shop: Warehouse) -> None:
    shop.place("order-1", lamp=10)
    shop.load("lamp,LHR,7,2026-11-21\n", "incoming/later.csv")
    assert shop.level("lamp") == (10, 10)
    (lhr,) = (item for item in shop.items("LEVEL") if item["oversold_by"])
    assert (lhr["oversold"], lhr["oversold_orders"]) == (True, ["order-1"])
    assert (lhr["product_id"], lhr["oversold_by"]) == ("lamp", 3)
    shop.cancel("order-1")
    assert shop.level("lamp") == (7, 0)
    assert ledger_holds(shop)


def test_the_minute_gives_back_only_what_has_passed_its_time(
    shop: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.place("order-1", lamp=2)
    just_before = MORNING + timedelta(minutes=15) - timedelta(microseconds=1)
    monkeypatch.setattr(expired_holds, "utc_now", lambda: just_before)
    expired_holds.handler({}, context(seconds=60))
    assert shop.hold("order-1")["status"] == "HELD"
    monkeypatch.setattr(expired_holds, "utc_now", lambda: MORNING + timedelta(minutes=15))
    expired_holds.handler({}, context(seconds=60))
    assert shop.hold("order-1")["status"] == "EXPIRED"
    assert shop.level("lamp") == (10, 0)
    assert "listing" not in shop.hold("order-1")
    assert ledger_holds(shop)
