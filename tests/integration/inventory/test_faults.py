"""Whatever call of an import fails, and however: levels, ledger and counts are as if nothing had happened."""

import copy
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from inventory import bootstrap
from inventory.use_cases import reading
from jetbridge.runtime.observability import logger
from tests.integration import rollback
from tests.integration.inventory.faults import FAULTS, IN_PARTS, Fault, Surroundings, half_done
from tests.integration.inventory.warehouse import HEADER, Warehouse

# What was there before, and a file with rows that are bad, new, newer, the same, and older.
BEFORE = HEADER + "B,LHR,9,2026-11-19\nC,LHR,2,2026-11-20\nD,LHR,4,2026-11-20\n"
FILE = HEADER + (
    "A,LHR,5,2026-11-20\nA,JFK,x,2026-11-20\nB,LHR,3,2026-11-20\n"
    "C,LHR,2,2026-11-20\nD,LHR,1,2026-11-18\nE,LHR,6,2026-11-20\n"
)
# Every call that the reader and the writer make; a new one must be met by faults, too.
CALLS = {
    "BatchGetItem",
    "BatchWriteItem",
    "GetItem",
    "GetObject",
    "Invoke",
    "PutItem",
    "PutObject",
    "SendMessageBatch",
    "TransactWriteItems",
    "UpdateItem",
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROWS_PER_MESSAGE", "3")
    monkeypatch.setattr(reading, "PACKS_A_CALL", 1)
    monkeypatch.setattr(bootstrap, "pause", lambda _: None)
    monkeypatch.setattr(logger, "disabled", True)  # faults are what this is about
    rollback.make_cheap(monkeypatch)


@pytest.fixture
def stocked(_small: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The table's items, with what was there before."""
    before = Surroundings()
    with before.watching(monkeypatch):
        before.run(Warehouse().upload(BEFORE, "incoming/before.csv"))
    return _table().items


def _table() -> Any:
    return dynamodb_backends["123456789012"]["eu-west-1"].tables["StockTable"]


def outcome(surroundings: Surroundings, stocked: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Import the file with these surroundings, into a table with what was there before."""
    warehouse = Warehouse()
    _table().items = copy.deepcopy(stocked)
    name = surroundings.fault.__name__ if surroundings.fault else ""
    key = f"incoming/{name}-{surroundings.at}-{surroundings.again}.csv"  # so its report is its own
    with surroundings.watching(monkeypatch):
        surroundings.run(warehouse.upload(FILE, key))
    (run,) = (run for run in warehouse.items("RUN") if run["object_key"] == key)
    return {
        "run": {name: run.get(name) for name in run if name.startswith("rows_")} | {"status": run["status"]},
        "report": warehouse.report(run["error_report"]),
        "levels": {
            (level["product_id"], level["location"]): (level["on_hand"], level["held"], level["version"])
            for level in warehouse.items("LEVEL")
        },
        "ledger": sorted(
            (entry["product_id"], entry["version"], entry["on_hand_change"], entry["on_hand"])
            for entry in warehouse.ledger()
        ),
    }


def test_the_import_does_everything_that_an_import_does(
    stocked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = Surroundings()
    seen = outcome(calm, stocked, monkeypatch)
    assert set(calm.calls) == CALLS
    assert calm.calls.count("Invoke") == 2
    assert seen["run"] == {
        "status": "SUCCEEDED",
        "rows_read": 6,
        "rows_sent": 5,
        "rows_rejected": 1,
        "rows_written": 3,
        "rows_unchanged": 1,
        "rows_stale": 1,
    }
    assert seen["report"].splitlines()[1:] == ["3,quantity,x,not_an_integer"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_no_call_of_an_import_can_fail_with_another_result(
    fault: Fault, stocked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = Surroundings()
    wanted = outcome(calm, stocked, monkeypatch)
    for number, operation in enumerate(calm.calls):
        if fault is half_done and operation not in IN_PARTS:
            continue
        met = Surroundings(fault, number)
        seen = outcome(met, stocked, monkeypatch)
        assert met.calls[number] == operation
        assert seen == wanted, f"call {number}, {operation}"


def test_all_that_is_delivered_may_come_again(stocked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = outcome(Surroundings(), stocked, monkeypatch)
    assert outcome(Surroundings(again=True), stocked, monkeypatch) == wanted
