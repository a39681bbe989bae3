"""The routes: what customers and operators ask, and what they are answered."""

import json
from typing import Any

import pytest

from inventory.handlers import get_import, get_stock, start_import
from tests.integration.inventory.warehouse import HEADER, Warehouse
from tests.lambda_events import OPERATOR, api_request, context

OPERATORS: dict[str, Any] = {"subject": OPERATOR, "username": "operator1", "groups": "operators"}


def call(module: Any, method: str, path: str, body: object = None, **who: Any) -> tuple[int, dict[str, Any]]:
    answer = module.handler(api_request(method, path, body, **who), context())
    return answer["statusCode"], json.loads(answer["body"])


def test_stock_is_shown_per_location_and_in_all(warehouse: Warehouse) -> None:
    warehouse.load("lamp,LHR,5,2026-11-20\nlamp,JFK,4,2026-11-20\n")
    warehouse.place("order-1", lamp=2)
    status, body = call(get_stock, "GET", "/inventory/lamp")
    assert status == 200
    assert all(level.pop("updatedAt").endswith("Z") for level in body["levels"])
    assert body == {
        "productId": "lamp",
        "levels": [
            {"location": "JFK", "onHand": 4, "held": 0, "available": 4},
            {"location": "LHR", "onHand": 5, "held": 2, "available": 3},
        ],
        "onHand": 9,
        "held": 2,
        "available": 7,
    }


def test_an_unknown_product_is_not_found(warehouse: Warehouse) -> None:
    status, body = call(get_stock, "GET", "/inventory/lamp")
    assert (status, body["code"]) == (404, "not_found")


@pytest.mark.parametrize("body", [None, {}, {"fileName": "London, 20 November.csv"}])
def test_an_import_begins_with_a_form_to_upload_with(warehouse: Warehouse, body: object) -> None:
    status, started = call(start_import, "POST", "/inventory/imports", body, **OPERATORS)
    assert status == 201
    assert started["upload"]["fields"]["key"].startswith(f"incoming/{started['importId']}/")
    status, run = call(get_import, "GET", f"/inventory/imports/{started['importId']}", **OPERATORS)
    assert (status, run["status"], run["rowsRead"]) == (200, "AWAITING_UPLOAD", 0)
    assert "startedAt" not in run


@pytest.mark.parametrize("file_name", ["", "../stock.csv", "a/b.csv", "x" * 200, "a\nb"])
def test_a_file_name_is_a_name_and_no_path(warehouse: Warehouse, file_name: str) -> None:
    status, _ = call(start_import, "POST", "/inventory/imports", {"fileName": file_name}, **OPERATORS)
    assert status == 422
    assert warehouse.items("RUN") == []


def test_the_uploaded_file_is_imported_under_its_announced_id(warehouse: Warehouse) -> None:
    _, started = call(start_import, "POST", "/inventory/imports", {"fileName": "a b.csv"}, **OPERATORS)
    event = warehouse.upload(HEADER + "P1,LHR,5,2026-11-20\nP2,LHR,x,x\n", started["upload"]["fields"]["key"])
    warehouse.read(event)
    warehouse.write(*warehouse.waiting())
    _, run = call(get_import, "GET", f"/inventory/imports/{started['importId']}", **OPERATORS)
    assert (run["status"], run["rowsWritten"], run["rowsRejected"]) == ("SUCCEEDED", 1, 1)
    assert f"/reports/{started['importId']}.csv?" in run["errorReport"]


def test_a_failed_import_says_why(warehouse: Warehouse) -> None:
    warehouse.read(warehouse.upload("product;quantity\n"))
    _, listed = call(get_import, "GET", "/inventory/imports", **OPERATORS)
    (run,) = listed["imports"]
    assert (run["status"], run["reason"]) == ("FAILED", "header_missing_columns")


def test_imports_are_listed_by_page_and_by_key(warehouse: Warehouse) -> None:
    for number in range(3):
        warehouse.read(warehouse.upload(f"{HEADER}P{number},LHR,5,2026-11-20\n", f"incoming/{number}.csv"))
    query = {"limit": "2"}
    _, first = call(get_import, "GET", "/inventory/imports", query=query, **OPERATORS)
    query |= {"cursor": first["nextCursor"]}
    _, second = call(get_import, "GET", "/inventory/imports", query=query, **OPERATORS)
    keys = [run["key"] for run in first["imports"] + second["imports"]]
    assert keys == ["incoming/2.csv", "incoming/1.csv", "incoming/0.csv"]
    assert "nextCursor" not in second
    _, one = call(get_import, "GET", "/inventory/imports", query={"key": "incoming/1.csv"}, **OPERATORS)
    assert [run["key"] for run in one["imports"]] == ["incoming/1.csv"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"cursor": "x"},
        {"cursor": "WzFd"},
        {"key": ""},
        {"key": "é" * 513},
    ],
)
def test_a_list_that_cannot_be_is_refused(warehouse: Warehouse, query: dict[str, str]) -> None:
    status, body = call(get_import, "GET", "/inventory/imports", query=query, **OPERATORS)
    assert status == 422, body


def test_an_unknown_import_is_not_found(warehouse: Warehouse) -> None:
    assert call(get_import, "GET", "/inventory/imports/nothing", **OPERATORS)[0] == 404


@pytest.mark.parametrize(
    ("module", "method", "path"),
    [
        (start_import, "POST", "/inventory/imports"),
        (get_import, "GET", "/inventory/imports"),
        (get_import, "GET", "/inventory/imports/import-1"),
    ],
)
def test_imports_are_for_operators(warehouse: Warehouse, module: Any, method: str, path: str) -> None:
    assert call(module, method, path)[0] == 403
    assert warehouse.items("RUN") == []
