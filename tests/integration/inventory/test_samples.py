"""The samples in events/inventory/ do what their names say."""

import json
from typing import Any

import pytest

from inventory import bootstrap
from inventory.adapters.lambda_reader import LambdaReader
from inventory.domain.imports import Run, RunStatus
from inventory.handlers import (
    expired_holds,
    get_import,
    get_ledger,
    get_stock,
    list_stock,
    placed_orders,
    put_threshold,
    reconcile_shard,
    rerun_import,
    row_packs,
    settled_orders,
    start_import,
    stock_changes,
    stock_files,
    summarize_imports,
)
from inventory.use_cases.reading import Rules
from tests.integration.inventory.warehouse import BUCKET, HEADER, MORNING, Warehouse
from tests.lambda_events import context
from tests.samples import samples_of

sample = samples_of("inventory")
STOCK = "NECK-PILLOW-01,LHR,120,2026-11-20\nEYE-MASK-02,LHR,400,2026-11-20\n"
BLANKET = '"Blanket ""XL""/2 🧳",LHR,60,2026-11-20\n'
ORDER = "3f2d7c1e-8a54-5c77-9d6b-0b6f6f3a9e21"


def test_an_order_is_held_and_then_sold_or_released(warehouse: Warehouse) -> None:
    warehouse.load(STOCK)
    placed_orders.handler(sample("hold_order"), context())
    assert warehouse.hold(ORDER)["status"] == "HELD"
    settled_orders.handler(sample("sell_hold"), context())
    assert warehouse.hold(ORDER)["status"] == "SOLD"
    settled_orders.handler(sample("release_hold"), context())
    assert warehouse.hold(ORDER)["status"] == "RELEASED"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (placed_orders, "hold_order_without_lines"),
        (settled_orders, "settle_unreadable"),
        (row_packs, "write_unreadable_rows"),
    ],
)
def test_what_cannot_be_read_is_buried(warehouse: Warehouse, module: Any, name: str) -> None:
    assert module.handler(sample(name), context()) == {"batchItemFailures": []}
    assert len(warehouse.waiting("dead-letters")) == 1
    assert warehouse.items("LEVEL") == warehouse.items("HOLD") == []


def test_files_are_read_from_where_s3_says(warehouse: Warehouse) -> None:
    for name in ("stock_file_created", "stock_file_uploaded"):
        event = sample(name)
        (stored,) = (record["s3"] for record in event["Records"])
        stored["bucket"]["name"] = BUCKET
        text = f"{HEADER}{name},LHR,1,2026-11-20\n"
        told = warehouse.upload(text, stored["object"]["key"].replace("+", " ").replace("%2C", ","))
        stored["object"]["eTag"] = told["Records"][0]["s3"]["object"]["eTag"]
        stock_files.handler(event, context(seconds=900))
    assert {run["object_key"] for run in warehouse.items("RUN")} == {
        "incoming/London Heathrow, 20 November.csv",
        "incoming/8f14e45f-ceea-467f-a9c1-2f7e5b6f8c55/stock.csv",
    }
    stock_files.handler(sample("stock_bucket_test"), context())
    stock_files.handler(sample("stock_folder_created"), context())
    assert len(warehouse.waiting()) == 2


def test_the_pack_has_the_shape_that_the_reader_sends(warehouse: Warehouse) -> None:
    warehouse.read(warehouse.upload(HEADER + STOCK))
    (sent,) = map(json.loads, warehouse.waiting())
    (written,) = (json.loads(record["body"]) for record in sample("write_rows")["Records"])
    assert sent.keys() == written.keys()
    assert sent["rows"][0] == written["rows"][0]


@pytest.mark.parametrize(
    ("module", "name", "status"),
    [
        (get_stock, "get_stock", 200),
        (get_stock, "get_stock_of_unknown_product", 404),
        (get_ledger, "get_ledger", 200),
        (get_ledger, "get_ledger_of_encoded_product", 200),
        (list_stock, "list_stock", 200),
        (put_threshold, "put_threshold", 200),
        (put_threshold, "put_threshold_by_customer", 403),
        (start_import, "post_import", 201),
        (start_import, "post_import_by_customer", 403),
        (get_import, "get_import", 404),
        (get_import, "list_imports", 200),
    ],
)
def test_requests_are_answered(warehouse: Warehouse, module: Any, name: str, status: int) -> None:
    warehouse.load(STOCK + BLANKET)
    assert module.handler(sample(name), context())["statusCode"] == status


def test_an_import_is_run_again_and_read_on(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda is not in the mocked account: what would invoke the reader, tells its event."""
    told: list[str] = []
    monkeypatch.setattr(LambdaReader, "read_on", lambda _, import_id: told.append(import_id))
    import_id = sample("read_on")["import_id"]
    bootstrap.runs().add(Run(import_id, "key", RunStatus.AWAITING_UPLOAD, "c", "c", MORNING))
    assert rerun_import.handler(sample("rerun_import"), context())["statusCode"] == 409
    warehouse.read(warehouse.upload(HEADER + STOCK, f"incoming/{import_id}/stock.csv"))
    warehouse.write(*warehouse.waiting())
    answer = rerun_import.handler(sample("rerun_import"), context())
    assert answer["statusCode"] == 202
    assert json.loads(answer["body"])["links"]["rerunOf"] == f"/inventory/imports/{import_id}"
    assert answer["multiValueHeaders"]["Location"] == [f"../{told[0]}"]
    stock_files.handler({"import_id": told[0]}, context(seconds=900))
    warehouse.write(*warehouse.waiting())
    (again,) = (run for run in warehouse.items("RUN") if run["import_id"] == told[0])
    assert (again["status"], again["rows_unchanged"]) == ("SUCCEEDED", 2)


def test_a_reader_without_time_invokes_the_next(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(LambdaReader, "read_on", lambda _, import_id: told.append(import_id))
    monkeypatch.setattr(bootstrap, "rules", lambda: Rules(rows_per_message=1, max_rejected_share=50))
    rows = "".join(f"P{n},LHR,{n},2026-11-20\nP{n},L/R,1,2026-11-20\n" for n in range(24))
    stock_files.handler(warehouse.upload(HEADER + rows), context(seconds=30))
    while told:
        stock_files.handler(sample("read_on") | {"import_id": told.pop()}, context(seconds=30))
    warehouse.write(*warehouse.waiting())
    run = warehouse.run()
    assert (run["status"], run["rows_written"], run["rows_rejected"]) == ("SUCCEEDED", 24, 24)
    assert len(warehouse.report(run["error_report"]).splitlines()) == 25


def test_a_shard_is_reconciled(warehouse: Warehouse) -> None:
    warehouse.load(STOCK)
    assert reconcile_shard.handler(sample("reconcile_shard"), context())["cursor"] is None


def test_the_week_is_summed_up(warehouse: Warehouse) -> None:
    warehouse.load(STOCK)
    summary = summarize_imports.handler(sample("summarize_imports"), context())
    assert (summary["imports"], summary["rows"]["written"]) == ({"SUCCEEDED": 1}, 2)
    json.dumps(summary)


def test_the_minute_passes_without_expired_holds(warehouse: Warehouse) -> None:
    expired_holds.handler(sample("expire_holds"), context(seconds=60))
    assert warehouse.items("HOLD") == []


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("change_to_held", ["StockReserved", "StockRanLow"]),
        ("change_to_oversold", ["StockRanLow", "StockOversold"]),
        ("change_to_rejected", ["StockRejected"]),
        ("change_to_released", ["StockReleased"]),
        ("change_to_expired", ["StockHoldExpired"]),
        ("change_to_imported", ["StockFileImported"]),
        ("change_to_failed", ["StockFileFailed"]),
    ],
)
def test_changes_are_told_as_events(name: str, events: list[str]) -> None:
    told = stock_changes.handler(sample(name), context())
    assert [event["metadata"]["type"] for event in told] == events
