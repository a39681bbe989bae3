"""Products as operators see them: all of them, under any name, and low below what was decided."""

import json
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from inventory import bootstrap
from inventory.adapters.level_items import level_values
from inventory.handlers import get_import, get_ledger, get_stock, list_stock, put_threshold, stock_changes
from inventory.settings import HoldSettings
from tests.integration.inventory.warehouse import Warehouse
from tests.lambda_events import OPERATOR, api_request, context, stream_record

OPERATORS: dict[str, Any] = {"subject": OPERATOR, "username": "operator1", "groups": "operators"}
LONG = "x" * 250
NAMES = ["a", "a b", "a#LHR", "100%", "%41", "a/b", 'say "hi"', "🧳 Ωμέγα", "a+b;c?d", "🧳" * 256]
NAMES += [f"{LONG}1", f"{LONG}2"]


def call(module: Any, method: str, path: str, body: object = None, **who: Any) -> tuple[int, dict[str, Any]]:
    answer = module.handler(api_request(method, path, body, **who), context())
    return answer["statusCode"], json.loads(answer["body"])


def decide(product_id: str, threshold: object, **who: Any) -> tuple[int, dict[str, Any]]:
    path = f"/inventory/{quote(product_id, safe='')}/threshold"
    return call(put_threshold, "PUT", path, {"threshold": threshold}, **(who or OPERATORS))


def rows(*names: str) -> str:
    lines = ((name.replace('"', '""'), place) for place in ("ZRH", "LHR", "JFK") for name in names)
    return "".join(f'"{name}",{place},5,2026-11-20\n' for name, place in lines)


def listed(limit: int) -> list[dict[str, Any]]:
    products: list[dict[str, Any]] = []
    query = {"limit": str(limit)}
    while True:
        status, page = call(list_stock, "GET", "/inventory", query=query, **OPERATORS)
        assert status == 200
        assert len(page["products"]) <= limit
        products += page["products"]
        if "nextCursor" not in page:
            return products
        assert len(page["products"]) == limit
        query["cursor"] = page["nextCursor"]


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_every_product_is_listed_once_with_all_its_levels(warehouse: Warehouse, limit: int) -> None:
    warehouse.load(rows(*NAMES))
    found = listed(limit)
    assert sorted(product["productId"] for product in found) == sorted(NAMES)
    for product in found:
        assert [level["location"] for level in product["levels"]] == ["JFK", "LHR", "ZRH"]
        assert (product["onHand"], product["held"], product["available"]) == (15, 0, 15)
        assert all(level["threshold"] == 5 and not level["low"] for level in product["levels"])


def test_a_list_without_products_is_empty(warehouse: Warehouse) -> None:
    assert listed(20) == []


def test_a_list_takes_no_cursor_of_another(warehouse: Warehouse) -> None:
    for number in range(2):
        warehouse.load(rows(f"P{number}"), f"incoming/{number}.csv")
    query = {"limit": "1"}
    foreign = [
        call(get_import, "GET", "/inventory/imports", query=query, **OPERATORS)[1],
        call(get_ledger, "GET", "/inventory/P1/ledger", query=query, **OPERATORS)[1],
    ]
    for cursor in [page["nextCursor"] for page in foreign] + ["x", "WzFd", "eyJsaXN0aW5nIjogMX0="]:
        given = {"cursor": cursor}
        status, body = call(list_stock, "GET", "/inventory", query=given, **OPERATORS)
        assert (status, body["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}])
def test_a_page_has_1_to_100_products(warehouse: Warehouse, query: dict[str, str]) -> None:
    assert call(list_stock, "GET", "/inventory", query=query, **OPERATORS)[0] == 422


def test_products_are_listed_for_operators(warehouse: Warehouse) -> None:
    assert call(list_stock, "GET", "/inventory")[0] == 403


@pytest.mark.parametrize("name", NAMES)
def test_a_product_is_found_under_any_name_that_a_file_can_bring(warehouse: Warehouse, name: str) -> None:
    warehouse.load(rows(name))
    path = f"/inventory/{quote(name, safe='')}"
    assert call(get_stock, "GET", path)[1]["productId"] == name
    assert len(call(get_ledger, "GET", f"{path}/ledger", **OPERATORS)[1]["entries"]) == 3
    assert decide(name, 7)[1]["productId"] == name
    assert call(get_stock, "GET", f"{path}x")[0] == 404
    assert call(get_ledger, "GET", f"{path}x/ledger", **OPERATORS)[0] == 404


def test_a_threshold_is_taken_over_by_every_level_and_by_those_that_come_later(warehouse: Warehouse) -> None:
    warehouse.load("lamp,LHR,10,2026-11-20\nlamp,JFK,3,2026-11-20\n")
    status, body = decide("lamp", 4)
    assert status == 200
    assert [(level["location"], level["threshold"], level["low"]) for level in body["levels"]] == [
        ("JFK", 4, True),
        ("LHR", 4, False),
    ]
    warehouse.load("lamp,ZRH,3,2026-11-20\nlamp,LHR,9,2026-11-21\nchair,ZRH,3,2026-11-20\n", "incoming/2.csv")
    levels = {(level["product_id"], level["location"]): level for level in warehouse.items("LEVEL")}
    assert {place: int(level["threshold"]) for place, level in levels.items()} == {
        ("lamp", "LHR"): 4,
        ("lamp", "JFK"): 4,
        ("lamp", "ZRH"): 4,
        ("chair", "ZRH"): 5,
    }
    assert levels["lamp", "LHR"]["on_hand"] == 9


def test_a_threshold_that_is_decided_again_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.load("lamp,LHR,10,2026-11-20\n")
    decide("lamp", 4)
    before = warehouse.items("LEVEL") + warehouse.items("THRESHOLD")
    assert decide("lamp", 4)[0] == 200
    assert warehouse.items("LEVEL") + warehouse.items("THRESHOLD") == before


@pytest.mark.parametrize("threshold", [-1, 1.5, "4", None, 10**9])
def test_a_threshold_is_a_number_of_units(warehouse: Warehouse, threshold: object) -> None:
    warehouse.load("lamp,LHR,10,2026-11-20\n")
    assert decide("lamp", threshold)[0] == 422
    assert warehouse.items("THRESHOLD") == []


def test_a_threshold_is_of_a_product_that_is_there_and_by_an_operator(warehouse: Warehouse) -> None:
    assert decide("lamp", 4)[0] == 404
    warehouse.load("lamp,LHR,10,2026-11-20\n")
    assert decide("lamp", 4, subject="customer")[0] == 403
    assert warehouse.items("THRESHOLD") == []


def test_stock_that_falls_below_the_products_own_threshold_is_told_and_a_decision_is_not(
    warehouse: Warehouse,
) -> None:
    def lamp() -> dict[str, Any]:
        (found,) = warehouse.items("LEVEL")
        return found

    def told(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[int, int]]:
        events = stock_changes.handler([stream_record(old, new)], context())
        return [(event["data"]["available"], event["data"]["threshold"]) for event in events]

    warehouse.load("lamp,LHR,10,2026-11-20\n")
    full = lamp()
    decide("lamp", 11)
    assert lamp()["low"]
    assert told(full, lamp()) == []
    decide("lamp", 9)
    above = lamp()
    warehouse.place("order-1", lamp=2)
    below = lamp()
    assert told(above, below) == [(8, 9)]
    warehouse.place("order-2", lamp=1)
    assert told(below, lamp()) == []
    assert warehouse.ledger()[0].keys() >= {"on_hand_change", "held_change"}
    assert sum(entry["held_change"] for entry in warehouse.ledger()) == 3


def test_a_level_of_before_there_were_decisions_is_read(warehouse: Warehouse) -> None:
    warehouse.load("lamp,LHR,10,2026-11-20\n")
    (level,) = bootstrap.stock().levels_of("lamp")
    assert level_values(level)["threshold_version"] == 0
    boto3.client("dynamodb").update_item(
        TableName="StockTable",
        Key={"pk": {"S": "PRODUCT#lamp"}, "sk": {"S": "LEVEL#LHR"}},
        UpdateExpression="REMOVE threshold_version",
    )
    assert bootstrap.stock().levels_of("lamp") == [level]


@pytest.mark.parametrize(
    ("rule", "preferred", "location", "applied"),
    [
        ("most-stock-first", "JFK", "LHR", "most-stock-first"),
        ("preferred-location-first", "jfk ", "JFK", "preferred-location-first"),
        ("preferred-location-first", "CDG", "LHR", "preferred-location-first"),
        ("preferred-location-first", "no/where", "LHR", "most-stock-first"),
        ("preferred-location-first", None, "LHR", "most-stock-first"),
    ],
)
def test_an_order_is_taken_from_where_the_rule_says_and_the_event_says_so(
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    rule: str,
    preferred: str | None,
    location: str,
    applied: str,
) -> None:
    settings = HoldSettings.model_validate({"hold_minutes": 15, "hold_rule": rule})
    monkeypatch.setattr(bootstrap, "hold_settings", lambda: settings)
    warehouse.load("lamp,LHR,5,2026-11-20\nlamp,JFK,4,2026-11-20\n")
    warehouse.place("order-1", preferred, lamp=2)
    (event,) = stock_changes.handler([stream_record(None, warehouse.hold("order-1"))], context())
    assert event["data"]["lines"] == [{"product_id": "lamp", "location": location, "quantity": 2}]
    assert event["data"]["rule"] == applied
