"""A file becomes levels: all of its good rows, once, whatever breaks on the way."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from inventory.domain.imports import Run, RunStatus, StoredFile
from inventory.domain.levels import Place
from inventory.domain.packs import PACK_WEIGHT, Accounts, pack_rows
from inventory.domain.stock_file import Row
from inventory.ports import Upload
from inventory.use_cases.counting import count_pack
from inventory.use_cases.importing import ATTEMPTS, Rules, import_stock_file
from inventory.use_cases.runs import announce_import, get_run
from jetbridge.kernel.errors import ConcurrentUpdate, NotFound
from tests.fakes.inventory import MemoryFiles, MemoryPacks, MemoryQueue, MemoryRuns, MemoryStock, no_pause

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HEADER = "product_id,location,quantity,update_date\n"
RULES = Rules(rows_per_message=3, max_rejected_share=10)


def rows(number: int, *, bad: int = 0, first: int = 0) -> str:
    good = [f"P{n},LHR,{n},2026-11-20\n" for n in range(first, first + number - bad)]
    return HEADER + "".join(good) + "P,LHR,many,2026-11-20\n" * bad


def a_file(key: str = "incoming/stock.csv", etag: str = "e1", version: str = "v1") -> StoredFile:
    return StoredFile("bucket", key, etag, 100, version)


@dataclass
class World:
    """Everything that an import meets, in memory."""

    runs: MemoryRuns = field(default_factory=MemoryRuns)
    files: MemoryFiles = field(default_factory=MemoryFiles)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    stock: MemoryStock = field(default_factory=MemoryStock)
    packs: MemoryPacks = field(init=False)

    def __post_init__(self) -> None:
        self.packs = MemoryPacks(self.stock, self.runs)

    def read(self, text: str, file: StoredFile | None = None) -> Run:
        file = file or a_file()
        self.files.contents[file.key] = text
        return import_stock_file(
            file,
            RULES,
            runs=self.runs,
            files=self.files,
            queue=self.queue,
            clock=lambda: NOW,
            pause=no_pause,
        )

    def write(self, number: int) -> Run | None:
        return count_pack(
            self.queue.packs[number],
            threshold=0,
            packs=self.packs,
            runs=self.runs,
            clock=lambda: NOW,
            pause=no_pause,
        )

    def write_all(self) -> Run | None:
        (ended,) = [self.write(number) for number in range(len(self.queue.packs))][-1:] or [None]
        return ended

    def run(self, file: StoredFile | None = None) -> Run:
        return self.runs.runs[(file or a_file()).identity]


@pytest.fixture
def world() -> World:
    return World()


def test_rows_travel_several_to_a_message_and_ten_messages_a_call(world: World) -> None:
    world.read(rows(64))
    assert [len(call) for call in world.queue.calls] == [10, 10, 2]
    assert [len(pack.rows) for pack in world.queue.packs] == [3] * 21 + [1]


def test_packs_of_very_long_product_ids_are_smaller() -> None:
    long = [Row(n, "x" * 256, "LHR", 1, "") for n in range(40)]
    assert all(4 * 256 * len(pack) <= PACK_WEIGHT + 1024 for pack in pack_rows(long, 49))
    assert sum(len(pack) for pack in pack_rows(long, 49)) == 40


def test_a_run_ends_exactly_when_every_sent_row_is_accounted_for(world: World) -> None:
    assert world.read(rows(7)).status == RunStatus.RUNNING
    assert world.write(2) is None
    assert world.write(0) is None
    ended = world.write(1)
    assert ended
    assert (ended.status, ended.accounts) == (RunStatus.SUCCEEDED, Accounts(written=7))
    assert world.stock.levels[Place("P6", "LHR")].on_hand == 6


def test_packs_that_overtake_the_reader_do_not_end_the_run(world: World) -> None:
    send = world.queue.send

    def send_and_write(packs: object) -> object:
        refused = send(packs)  # type: ignore[arg-type]
        assert world.write_all() is None
        return refused

    world.queue.send = send_and_write  # type: ignore[method-assign, assignment]
    assert world.read(rows(40)).status == RunStatus.SUCCEEDED
    assert world.run().accounts.rows == 40


@pytest.mark.parametrize("text", ["", HEADER])
def test_a_file_without_rows_is_a_success(world: World, text: str) -> None:
    assert world.read(text).status == RunStatus.SUCCEEDED
    assert world.queue.packs == []


def test_bad_rows_are_reported_and_the_good_ones_written(world: World) -> None:
    world.read(rows(10, bad=1))
    ended = world.write_all()
    assert ended
    assert ended.reading
    assert ended.status == RunStatus.SUCCEEDED
    assert (ended.reading.rows_read, ended.reading.rows_sent, ended.reading.rows_rejected) == (10, 9, 1)
    (fault,) = world.files.reports[ended.reading.error_report or ""]
    assert (fault.line, fault.column, fault.reason) == (11, "quantity", "not_an_integer")


def test_too_many_bad_rows_fail_the_run_and_the_good_ones_are_written_all_the_same(world: World) -> None:
    world.read(rows(10, bad=2))
    ended = world.write_all()
    assert ended
    assert ended.reading
    assert (ended.status, ended.reading.failure) == (RunStatus.FAILED, "too_many_rejected")
    assert ended.accounts.written == 8


def test_a_file_with_a_broken_header_fails_at_once(world: World) -> None:
    failed = world.read("product,quantity\nP1,7\n")
    assert failed.reading
    assert (failed.status, failed.reading.failure) == (RunStatus.FAILED, "header_missing_columns")


def test_a_file_that_is_delivered_again_is_read_once(world: World) -> None:
    world.read(rows(5))
    world.write_all()
    assert world.read(rows(5)).status == RunStatus.SUCCEEDED
    assert len(world.queue.packs) == 2


def test_a_reader_that_broke_midway_reads_again_to_the_same_end(world: World) -> None:
    world.files.break_after = 35
    with pytest.raises(ConnectionError):
        world.read(rows(40))
    sent_before = len(world.queue.packs)
    world.files.break_after = None
    world.read(rows(40))
    assert len(world.queue.packs) == sent_before + 14
    world.write_all()
    assert (world.run().status, world.run().accounts) == (RunStatus.SUCCEEDED, Accounts(written=40))


def test_a_reader_whose_last_answer_was_lost_ends_the_run_when_it_comes_again(world: World) -> None:
    world.runs.writes.lose_answers = 1
    with pytest.raises(ConnectionError):
        world.read(rows(3))
    world.write_all()
    assert world.read(rows(3)).status == RunStatus.SUCCEEDED
    assert len(world.queue.packs) == 1


def test_what_the_queue_refused_is_sent_again(world: World) -> None:
    world.queue.refuse = Counter({1: 2})
    world.read(rows(9))
    ended = world.write_all()
    assert ended
    assert (ended.status, ended.accounts.written) == (RunStatus.SUCCEEDED, 9)


def test_a_queue_that_refuses_for_good_fails_the_run_with_exact_counts(world: World) -> None:
    world.queue.refuse = Counter({1: ATTEMPTS})
    run = world.read(rows(9))
    assert run.status == RunStatus.RUNNING
    ended = world.write_all()
    assert ended
    assert ended.reading
    assert (ended.status, ended.reading.failure) == (RunStatus.FAILED, "queue_refused")
    assert ended.accounts.written == ended.reading.rows_sent == 6


def break_at(world: World, call: int, *, after: bool) -> None:
    """Let one write of the writer fail: before it happened, or after it did and the answer was lost."""
    calls = iter(range(100))

    def before() -> None:
        if next(calls) == call:
            if after:
                world.packs.writes.lose_answers = 1
            else:
                raise ConnectionError("never arrived")

    world.packs.writes.before = before


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [0, 1])
def test_a_writer_that_dies_between_any_two_writes_counts_every_row_once(
    world: World, call: int, after: bool
) -> None:
    world.read(rows(3))
    break_at(world, call, after=after)
    with pytest.raises(ConnectionError):
        world.write(0)
    ended = world.write(0)
    assert ended
    assert ended.accounts == Accounts(written=3)
    assert [change.new.version for change in world.stock.ledger] == [
        1,
        1,
    ]  # P0 has none on hand: no units moved


def test_a_pack_that_is_delivered_twice_counts_once(world: World) -> None:
    world.read(rows(6))
    world.write(0)
    assert world.write(0) is None
    assert world.write(1)
    assert world.write(1) is None
    assert world.run().accounts == Accounts(written=6)


def test_a_writer_that_is_overtaken_too_often_gives_the_pack_back(world: World) -> None:
    world.read(rows(3))

    def busy() -> None:
        raise ConcurrentUpdate("busy")

    world.packs.writes.before = busy
    with pytest.raises(ConcurrentUpdate):
        world.write(0)
    world.packs.writes.before = lambda: None
    assert world.write(0)


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


def test_a_newer_file_replaces_levels_and_an_older_one_is_stale(world: World) -> None:
    world.read(HEADER + "P1,LHR,5,2026-11-20\n")
    world.read(HEADER + "P1,LHR,9,2026-11-19\n", a_file("incoming/old.csv", etag="e2"))
    world.read(HEADER + "P1,LHR,7,2026-11-21\n", a_file("incoming/new.csv", etag="e3"))
    world.write_all()
    assert world.stock.levels[Place("P1", "LHR")].on_hand == 7
    assert world.run(a_file("incoming/old.csv")).accounts == Accounts(stale=1)


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


def test_an_unknown_import_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        get_run("nothing", runs=world.runs)
