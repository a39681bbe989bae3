"""The ledger: read by operators, and compared with what it should add up to."""

from typing import Any

import boto3
import pytest

from inventory.adapters.dynamo_ledger import DynamoLedger
from inventory.handlers import get_ledger, reconcile_shard
from inventory.ports import SHARDS
from tests.integration.inventory.test_api import OPERATORS, call
from tests.integration.inventory.warehouse import Warehouse
from tests.lambda_events import context


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    warehouse.load("lamp,LHR,10,2026-11-20\nlamp,JFK,4,2026-11-20\nchair,LHR,1,2026-11-20\n")
    warehouse.place("order-1", lamp=3)
    warehouse.place("order-2", lamp=2)
    warehouse.confirm("order-1")
    return warehouse


def reconciled() -> list[dict[str, Any]]:
    return [reconcile_shard.handler({"shard": shard}, context(seconds=120)) for shard in range(SHARDS)]


def test_a_ledger_says_what_changed_each_place_newest_first(shop: Warehouse) -> None:
    status, ledger = call(get_ledger, "GET", "/inventory/lamp/ledger", **OPERATORS)
    assert status == 200
    told = [
        (
            each["location"],
            each["reason"],
            each["onHandChange"],
            each["heldChange"],
            each["onHand"],
            each["held"],
        )
        for each in ledger["entries"]
    ]
    assert told == [
        ("LHR", "sale", -3, -3, 7, 2),
        ("LHR", "hold", 0, 2, 10, 5),
        ("LHR", "hold", 0, 3, 10, 3),
        ("LHR", "count", 10, 0, 10, 0),
        ("JFK", "count", 4, 0, 4, 0),
    ]
    assert ledger["entries"][1]["reference"] == "order-2"
    assert ledger["entries"][-1]["reference"].endswith(":3")


def test_a_ledger_is_read_page_by_page(shop: Warehouse) -> None:
    query, versions = {"limit": "2"}, []
    while True:
        _, page = call(get_ledger, "GET", "/inventory/lamp/ledger", query=query, **OPERATORS)
        versions += [(each["location"], each["version"]) for each in page["entries"]]
        if "nextCursor" not in page:
            break
        query["cursor"] = page["nextCursor"]
    assert versions == [("LHR", 4), ("LHR", 3), ("LHR", 2), ("LHR", 1), ("JFK", 1)]


def test_a_ledger_is_for_operators_and_of_a_product(shop: Warehouse) -> None:
    assert call(get_ledger, "GET", "/inventory/lamp/ledger")[0] == 403
    assert call(get_ledger, "GET", "/inventory/desk/ledger", **OPERATORS)[0] == 404
    assert call(get_ledger, "GET", "/inventory/lamp/ledger", query={"cursor": "x"}, **OPERATORS)[0] == 422


def test_levels_that_add_up_are_counted_and_no_difference(shop: Warehouse) -> None:
    shards = reconciled()
    assert sum(shard["checked"] for shard in shards) == 3
    assert sum(shard["different"] for shard in shards) == 0


def test_a_level_that_was_tampered_with_is_told(shop: Warehouse) -> None:
    boto3.client("dynamodb").update_item(
        TableName="StockTable",
        Key={"pk": {"S": "PRODUCT#lamp"}, "sk": {"S": "LEVEL#LHR"}},
        UpdateExpression="SET on_hand = :n",
        ExpressionAttributeValues={":n": {"N": "99"}},
    )
    (wrong,) = (shard for shard in reconciled() if shard["different"])
    (difference,) = wrong["differences"]
    assert (difference["on_hand"], difference["ledger_on_hand"]) == (99, 7)
    assert difference["place"] == {"product_id": "lamp", "location": "LHR"}


def test_a_shard_is_reconciled_step_by_step(
    shop: Warehouse, ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inventory.use_cases.reconciling.LEVELS_A_PAGE", 1)
    (lamps,) = (shard for shard in range(SHARDS) if len(ledger.levels(shard, limit=9, cursor=None).items) > 1)
    short = context(seconds=1)  # time for a page only
    step = reconcile_shard.handler({"shard": lamps}, short)
    assert (step["checked"], bool(step["cursor"])) == (1, True)
    while step["cursor"]:
        step = reconcile_shard.handler(step, short)
    assert step["checked"] >= 2
    assert reconcile_shard.handler({"shard": lamps}, context(seconds=120)) == step
