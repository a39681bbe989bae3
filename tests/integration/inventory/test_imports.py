"""Files through the functions: what S3 tells, what travels, what stands in the table."""

import json

import pytest

from inventory.handlers import stock_files
from jetbridge.contracts.inventory import StockFileCounts
from tests.integration.inventory.warehouse import HEADER, Warehouse
from tests.lambda_events import context


def counts(warehouse: Warehouse) -> dict[str, int]:
    run = warehouse.run()
    return {name: int(run.get(name, 0)) for name in StockFileCounts.model_fields}


def test_a_file_becomes_levels_and_its_bad_rows_a_report(warehouse: Warehouse) -> None:
    text = HEADER + "P1,LHR,5,2026-11-20\nP1,JFK,x,2026-11-20\nP2,LHR,0,2026-11-20\n"
    warehouse.read(warehouse.upload(text, "incoming/London, 20 November.csv"))
    assert warehouse.run()["status"] == "RUNNING"
    assert warehouse.write(*warehouse.waiting()) == []
    assert warehouse.level("P1") == (5, 0)
    assert warehouse.run()["status"] == "SUCCEEDED"
    assert counts(warehouse) == {
        "rows_read": 3,
        "rows_sent": 2,
        "rows_written": 2,
        "rows_unchanged": 0,
        "rows_stale": 0,
        "rows_rejected": 1,
    }
    assert "3,quantity,x,not_an_integer" in warehouse.report(warehouse.run()["error_report"])


def test_packs_of_very_long_product_ids_are_sent_in_more_calls(warehouse: Warehouse) -> None:
    rows = "".join(f"{n:04}{'✈' * 252},LHR,1,2026-11-20\n" for n in range(490))
    warehouse.read(warehouse.upload(HEADER + rows))  # the queue takes 256 KB a call and no more
    packs = [json.loads(body) for body in warehouse.waiting()]
    assert sorted(pack["number"] for pack in packs) == [*range(10)]
    assert warehouse.run()["rows_sent"] == 490


def test_packs_may_arrive_in_any_order_and_twice(warehouse: Warehouse) -> None:
    rows = "".join(f"P{n},LHR,{n},2026-11-20\n" for n in range(120))
    warehouse.read(warehouse.upload(HEADER + rows))
    packs = warehouse.waiting()
    assert len(packs) == 3
    assert warehouse.write(*reversed(packs), *packs[:2]) == []
    assert counts(warehouse)["rows_written"] == 120
    assert warehouse.run()["status"] == "SUCCEEDED"
    assert sum(item["on_hand_change"] for item in warehouse.ledger()) == sum(range(120))


def test_a_file_that_is_told_of_twice_is_read_once(warehouse: Warehouse) -> None:
    event = warehouse.upload(HEADER + "P1,LHR,5,2026-11-20\n")
    warehouse.read(event)
    warehouse.read(event)
    assert len(warehouse.waiting()) == 1


def test_a_folder_is_no_file(warehouse: Warehouse) -> None:
    warehouse.read(warehouse.upload("", "incoming/november/"))
    assert warehouse.items("RUN") == []
    warehouse.read(warehouse.upload("", "incoming/november/empty.csv"))
    assert warehouse.run()["status"] == "SUCCEEDED"


def test_a_date_that_would_block_all_later_counts_costs_its_row(warehouse: Warehouse) -> None:
    warehouse.load("P1,LHR,5,2999-01-01\nP2,LHR,6,2026-11-20\n")
    assert warehouse.run()["rows_rejected"] == 1
    assert "2,update_date,2999-01-01,in_the_future" in warehouse.report(warehouse.run()["error_report"])
    warehouse.load("P1,LHR,7,2026-11-20\n", "incoming/mended.csv")
    assert warehouse.level("P1") == (7, 0)


def test_a_line_of_three_megabytes_costs_its_row(warehouse: Warehouse) -> None:
    lines = ["P1,LHR,5,2026-11-20", "P2,LHR," + "7" * 3_000_000, "P3,LHR,6,2026-11-20", ""]
    warehouse.load("\n".join(lines))
    run = warehouse.run()
    assert (run["rows_read"], run["rows_sent"], run["rows_rejected"]) == (3, 2, 1)
    assert warehouse.report(run["error_report"]).splitlines()[1:] == ["3,,,field_too_long"]


def test_every_file_of_an_event_is_read(warehouse: Warehouse) -> None:
    first = warehouse.upload(HEADER + "P1,LHR,5,2026-11-20\n", "incoming/first.csv")
    second = warehouse.upload(HEADER + "P2,LHR,5,2026-11-20\n", "incoming/second.csv")
    warehouse.read({"Records": first["Records"] + second["Records"]})
    assert len(warehouse.waiting()) == len(warehouse.items("RUN")) == 2


def test_a_file_that_was_replaced_before_it_was_read_fails_by_that_name(warehouse: Warehouse) -> None:
    event = warehouse.upload(HEADER + "P1,LHR,5,2026-11-20\n")
    warehouse.upload(HEADER + "P1,LHR,6,2026-11-20\n")
    warehouse.read(event)
    assert (warehouse.run()["status"], warehouse.run()["failure"]) == ("FAILED", "file_gone")


def test_a_pack_that_cannot_be_read_is_buried_and_the_others_written(warehouse: Warehouse) -> None:
    warehouse.read(warehouse.upload(HEADER + "P1,LHR,5,2026-11-20\n"))
    (pack,) = warehouse.waiting()
    unreadable = json.loads(pack) | {"number": 7, "rows": [[2, "P1"]]}
    assert warehouse.write(unreadable, pack) == []
    assert [json.loads(body)["number"] for body in warehouse.waiting("dead-letters")] == [7]
    assert warehouse.run()["status"] == "SUCCEEDED"


def test_a_pack_of_an_unknown_run_is_given_back(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inventory.bootstrap.pause", lambda _: None)
    warehouse.read(warehouse.upload(HEADER + "P1,LHR,5,2026-11-20\n"))
    (pack,) = warehouse.waiting()
    assert warehouse.write(json.loads(pack) | {"import_id": "unknown"}, pack) == [0]


def test_the_buckets_test_event_is_nothing(warehouse: Warehouse) -> None:
    stock_files.handler({"Service": "Amazon S3", "Event": "s3:TestEvent"}, context())
    assert warehouse.items("RUN") == []
