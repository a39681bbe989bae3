"""The adapters of runs and packs keep the promises of their ports."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from inventory.adapters.dynamo_packs import DynamoPacks
from inventory.adapters.dynamo_runs import DynamoRuns
from inventory.adapters.dynamo_stock import DynamoStock
from inventory.domain.counting import take_over_all
from inventory.domain.files import StoredFile
from inventory.domain.imports import Reading, Run, RunStatus
from inventory.domain.packs import Accounts, Pack
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.cursors import InvalidCursor
from jetbridge.runtime.dynamodb import from_item

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FILE = StoredFile("bucket", "incoming/stock.csv", "e1", 100, "v1")
OTHER = replace(FILE, etag="e2", version="v2")
ROWS = tuple((n, f"P{n}", "LHR", n, "2026-11-20T00:00:00.000000Z") for n in range(2, 101))
PACK = Pack("import-1", 0, NOW, "request-1", ROWS)


def a_run(import_id: str = "import-1", status: RunStatus = RunStatus.RUNNING, minute: int = 0) -> Run:
    at = NOW + timedelta(minutes=minute)
    running = status == RunStatus.RUNNING
    return Run(
        import_id,
        FILE.key,
        status,
        "request-1",
        "request-1",
        created_at=at,
        file=FILE if running else None,
        started_at=at if running else None,
    )


def test_a_run_is_added_once_and_read_back(runs: DynamoRuns) -> None:
    assert runs.add(a_run())
    assert not runs.add(replace(a_run(), key="other"))
    assert runs.get("import-1") == a_run()
    assert runs.get("nothing") is None


def test_a_run_vanishes_after_its_time(runs: DynamoRuns) -> None:
    runs.add(a_run())
    (item,) = boto3.client("dynamodb").scan(TableName="StockTable")["Items"]
    assert from_item(item)["vanishes_at"] == int((NOW + timedelta(days=90)).timestamp())


def test_an_announced_run_starts_for_one_file(runs: DynamoRuns) -> None:
    runs.add(a_run(status=RunStatus.AWAITING_UPLOAD))
    started = runs.start("import-1", FILE, NOW)
    assert started
    assert (started.status, started.file, started.started_at) == (RunStatus.RUNNING, FILE, NOW)
    assert runs.start("import-1", FILE, NOW + timedelta(hours=1)) == started
    assert runs.start("import-1", OTHER, NOW) is None
    assert runs.start("nothing", FILE, NOW) is None


def test_content_belongs_to_who_claimed_it_first(runs: DynamoRuns) -> None:
    assert runs.claim(FILE, "first") == "first"
    assert runs.claim(FILE, "second") == "first"
    assert runs.claim(OTHER, "second") == "second"
    assert runs.claim(FILE, "first") == "first"
    assert runs.claim(FILE, "third", instead_of="nobody") == "first"
    assert runs.claim(FILE, "third", instead_of="first") == "third"


def test_a_file_is_read_once_and_its_run_ends_once(runs: DynamoRuns) -> None:
    runs.add(a_run())
    reading = Reading(3, 2, 1, error_report="reports/import-1.csv", failure="too_many_rejected")
    runs.end_reading("import-1", reading)
    runs.end_reading("import-1", Reading(9, 9))
    run = runs.get("import-1")
    assert run
    assert run.reading == reading
    assert runs.end(run.ended(NOW))
    assert not runs.end(replace(run, status=RunStatus.SUCCEEDED))
    ended = runs.get("import-1")
    assert ended
    assert (ended.status, ended.ended_at, ended.version) == (RunStatus.FAILED, NOW, 3)


def test_an_empty_file_is_a_reading_too(runs: DynamoRuns) -> None:
    runs.add(a_run())
    runs.end_reading("import-1", Reading())
    run = runs.get("import-1")
    assert run
    assert run.is_complete


def test_runs_are_listed_newest_first_page_by_page(runs: DynamoRuns) -> None:
    for minute in range(5):
        runs.add(a_run(f"import-{minute}", minute=minute))
    first = runs.page(key=None, limit=2, cursor=None)
    second = runs.page(key=None, limit=2, cursor=first.cursor)
    third = runs.page(key=None, limit=2, cursor=second.cursor)
    listed = [run.import_id for page in (first, second, third) for run in page.items]
    assert listed == [f"import-{minute}" for minute in (4, 3, 2, 1, 0)]
    assert third.cursor is None


def test_runs_are_listed_by_the_key_of_their_object(runs: DynamoRuns) -> None:
    runs.add(a_run("import-1"))
    runs.add(replace(a_run("import-2"), key="incoming/other.csv"))
    page = runs.page(key="incoming/other.csv", limit=9, cursor=None)
    assert [run.import_id for run in page.items] == ["import-2"]


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24=", "WzFd"])
def test_a_cursor_that_no_page_gave_is_refused(runs: DynamoRuns, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        runs.page(key=None, limit=2, cursor=cursor)


def written(packs: DynamoPacks) -> Accounts:
    accounts, levels = packs.look_up(PACK)
    assert accounts is None
    verdicts, changes = take_over_all(PACK.counts(NOW), levels, threshold=5)
    packs.write(PACK, Accounts.of(verdicts), changes)
    return Accounts.of(verdicts)


def test_the_largest_pack_is_one_transaction(packs: DynamoPacks, stock: DynamoStock) -> None:
    assert written(packs) == Accounts(written=99)
    found, levels = packs.look_up(PACK)
    assert found == Accounts(written=99)
    assert len(levels) == 99
    assert stock.levels_of("P7")[0].on_hand == 7


def test_a_pack_is_written_once(packs: DynamoPacks) -> None:
    written(packs)
    with pytest.raises(ConcurrentUpdate):
        packs.write(PACK, Accounts(), [])


def test_a_pack_whose_level_has_changed_since_is_not_written_at_all(packs: DynamoPacks) -> None:
    _, levels = packs.look_up(PACK)
    _, changes = take_over_all(PACK.counts(NOW), levels, threshold=5)
    other = replace(PACK, import_id="import-2", rows=ROWS[:1])
    _, others = take_over_all(other.counts(NOW), levels, threshold=5)
    packs.write(other, Accounts(written=1), others)
    with pytest.raises(ConcurrentUpdate):
        packs.write(PACK, Accounts(written=99), changes)
    found, levels = packs.look_up(PACK)
    assert found is None
    assert len(levels) == 1


def test_a_pack_is_accounted_once(packs: DynamoPacks, runs: DynamoRuns) -> None:
    runs.add(a_run())
    accounts = written(packs)
    for _ in range(2):
        packs.account(PACK, accounts)
    run = runs.get("import-1")
    assert run
    assert run.accounts == Accounts(written=99)


def test_a_pack_of_a_run_that_is_gone_is_a_fault(packs: DynamoPacks) -> None:
    accounts = written(packs)
    with pytest.raises(ConcurrentUpdate):
        packs.account(PACK, accounts)
