"""Which run an object belongs to: announced, on its own, or a duplicate."""

from collections import Counter
from datetime import timedelta

import pytest

from inventory.domain.imports import NothingToRerun, Run, RunStatus
from inventory.ports import Upload
from inventory.use_cases.reading import ATTEMPTS
from inventory.use_cases.runs import announce_import, get_run, summarize
from jetbridge.kernel.errors import NotFound
from tests.unit.inventory.world import NOW, World, a_file, rows


@pytest.fixture
def world() -> World:
    return World()


def test_the_same_content_under_another_key_is_a_duplicate_of_the_first(world: World) -> None:
    world.read(rows(3))
    world.write_all()
    second = a_file("incoming/again.csv", version="v2")
    world.read(rows(3), second)
    assert world.run(second).status == RunStatus.DUPLICATE
    assert world.run(second).duplicate_of == a_file().identity
    assert len(world.queue.packs) == 1


def test_content_whose_first_import_failed_is_imported_again(world: World) -> None:
    world.queue.refuse = Counter({0: ATTEMPTS})
    world.read(rows(3))
    assert world.run().status == RunStatus.FAILED
    second = a_file("incoming/again.csv", version="v2")
    world.read(rows(3), second)
    world.write_all()
    assert world.run(second).status == RunStatus.SUCCEEDED


class MemoryLinks:
    def upload(self, key: str) -> Upload:
        return Upload("https://bucket", {"key": key})

    def download(self, key: str) -> str:
        return f"https://bucket/{key}"


def announce(world: World) -> Run:
    run, upload = announce_import(
        "stock.csv", correlation_id="request-1", runs=world.runs, links=MemoryLinks(), clock=lambda: NOW
    )
    assert upload.fields["key"] == run.key == f"incoming/{run.import_id}/stock.csv"
    return run


def test_an_announced_import_waits_for_its_file_and_then_is_its_run(world: World) -> None:
    announced = announce(world)
    assert get_run(announced.import_id, runs=world.runs).status == RunStatus.AWAITING_UPLOAD
    run = world.read(rows(3), a_file(announced.key))
    assert (run.import_id, run.correlation_id) == (announced.import_id, "request-1")


def test_a_second_file_under_an_announced_key_is_an_import_of_its_own(world: World) -> None:
    announced = announce(world)
    world.read(rows(3), a_file(announced.key))
    second = a_file(announced.key, etag="e2", version="v2")
    run = world.read(rows(4), second)
    assert run.import_id == second.identity != announced.import_id


def test_an_announced_import_that_is_delivered_again_stays_the_same_run(world: World) -> None:
    announced = announce(world)
    world.files.break_after = 2
    with pytest.raises(ConnectionError):
        world.read(rows(3), a_file(announced.key))
    world.files.break_after = None
    assert world.read(rows(3), a_file(announced.key)).import_id == announced.import_id


def test_a_folder_that_nobody_announced_is_just_a_key(world: World) -> None:
    file = a_file("incoming/london/stock.csv")
    assert world.read(rows(3), file).import_id == file.identity


def test_an_import_without_a_file_cannot_be_run_again(world: World) -> None:
    with pytest.raises(NothingToRerun):
        world.rerun(announce(world).import_id)


def test_a_summary_counts_imports_and_rows_and_names_those_that_failed(world: World) -> None:
    world.read(rows(10, bad=1))
    world.write_all()
    broken = a_file("incoming/broken.csv", etag="e2", version="v2")
    world.read("nonsense\n", broken)
    summary = summarize(since=NOW, runs=world.runs)
    assert summary.imports == {"SUCCEEDED": 1, "FAILED": 1}
    assert (summary.rows["read"], summary.rows["written"], summary.rows["rejected"]) == (10, 9, 1)
    assert summary.unsuccessful == [
        {"import_id": broken.identity, "key": broken.key, "reason": "header_missing_columns"}
    ]
    assert summarize(since=NOW + timedelta(days=1), runs=world.runs).imports == {}


def test_an_unknown_import_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        get_run("nothing", runs=world.runs)
