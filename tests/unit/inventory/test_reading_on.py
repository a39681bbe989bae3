"""Readers take turns: near the time limit, after a crash, and when two read the same file at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from inventory.domain.imports import RunStatus
from inventory.domain.packs import Accounts
from inventory.use_cases.reading import CHECKPOINT_EVERY
from tests.unit.inventory.world import HEADER, NOW, World, a_file, rows

LONG = 200  # rows: seven calls to the queue


def ticking(step: timedelta) -> Iterator[datetime]:
    return (NOW + number * step for number in count())


@pytest.fixture
def world() -> World:
    """A world in which ten seconds pass whenever somebody looks at the clock."""
    world, times = World(), ticking(CHECKPOINT_EVERY)
    world.clock = lambda: next(times)
    return world


def packs_of(text: str) -> list[object]:
    """What is sent when nothing comes between."""
    world = World()
    world.read(text)
    return list(world.queue.packs)


@pytest.mark.parametrize(
    "text",
    [
        rows(LONG),
        rows(LONG, bad=15),
        HEADER + "".join(f'"P{n}\n",LHR,{n},2026-11-20\r\n' for n in range(LONG)),
        "\ufeff" + HEADER + "".join(f"Ω{n},LHR,{n},2026-11-20\n\n" for n in range(LONG)),
    ],
)
def test_a_reader_near_its_time_limit_hands_over_and_nothing_is_sent_twice_or_skipped(text: str) -> None:
    world = World()
    world.until = NOW  # always too late for another call
    turns = 1
    world.read(text)
    while world.reader.orders:
        world.read_on()
        turns += 1
    assert turns == len(world.queue.calls) + 1 == 8
    assert [pack.rows for pack in world.queue.packs] == [pack.rows for pack in packs_of(text)]  # type: ignore[attr-defined]
    assert [pack.number for pack in world.queue.packs] == list(range(len(world.queue.packs)))
    ended = world.write_all()
    assert ended
    assert ended.accounts.rows == ended.so_far.rows_sent
    assert ended.so_far.rows_read == LONG


def test_the_report_of_faults_goes_on_where_the_reader_before_left_it() -> None:
    bad = "P,LHR,many,2026-11-20\n"
    text = HEADER + (bad + "".join(f"P{n},LHR,{n},2026-11-20\n" for n in range(30))) * 3
    world = World()
    world.until = NOW
    world.read(text)
    while world.reader.orders:
        world.read_on()
    run = world.run()
    assert run.reading
    assert [fault.line for fault in world.files.reports[run.reading.error_report or ""]] == [2, 33, 64]


def test_a_reader_that_crashed_goes_on_at_its_last_checkpoint(world: World) -> None:
    world.files.break_after = 150
    with pytest.raises(ConnectionError):
        world.read(rows(LONG))
    sent = len(world.queue.packs)
    assert world.run().checkpoint.packs > 0
    world.files.break_after = None
    world.read(rows(LONG))
    assert len(world.queue.packs) < sent + LONG // 3
    world.write_all()
    assert (world.run().status, world.run().accounts) == (RunStatus.SUCCEEDED, Accounts(written=LONG))


def test_a_checkpoint_whose_answer_was_lost_is_found_again(world: World) -> None:
    world.runs.writes.lose_answers = 1
    with pytest.raises(ConnectionError):
        world.read(rows(LONG))
    world.read(rows(LONG))
    assert [pack.number for pack in world.queue.packs] == list(range(len(packs_of(rows(LONG)))))


def test_of_two_readers_the_slower_one_stops(world: World) -> None:
    send = world.queue.send
    done: list[bool] = []

    def overtaken(packs: object) -> object:
        if not done:
            done.append(True)
            world.read(rows(LONG))
        return send(packs)  # type: ignore[arg-type]

    world.queue.send = overtaken  # type: ignore[method-assign, assignment]
    world.read(rows(LONG))
    assert len(world.queue.packs) == len(packs_of(rows(LONG))) + 10
    assert world.run().so_far.rows_sent == LONG


def test_progress_is_what_the_bytes_promise_and_then_what_was_sent() -> None:
    world = World()
    text = rows(60)
    file = a_file()
    world.until = NOW
    world.files.contents[file.key] = text
    world.read(text)
    assert world.run().progress == 0
    for number in range(10):
        world.write(number)
    half = world.run()
    assert half.reading is None
    assert half.file
    assert 0 < half.progress < 100
    world.read_on()
    world.read_on()
    assert world.run().progress == 50
    world.write_all()
    assert (world.run().progress, world.run().seconds) == (100, 0)


def test_a_run_again_writes_what_the_first_missed_and_nothing_twice() -> None:
    world = World()
    world.read(rows(9))
    world.write(0)
    again = world.rerun(a_file().identity)
    assert (again.rerun_of, again.status) == (a_file().identity, RunStatus.RUNNING)
    assert world.rerun(a_file().identity) == again
    assert world.reader.orders == [again.import_id] * 2
    world.read_on()
    assert world.rerun(a_file().identity).import_id == again.import_id  # read, but not yet written
    for number in (3, 4, 5):
        world.write(number)
    ended = world.runs.runs[again.import_id]
    assert (ended.status, ended.accounts) == (RunStatus.SUCCEEDED, Accounts(written=6, unchanged=3))
    assert world.read_on().status == RunStatus.SUCCEEDED
    assert len(world.queue.packs) == 6
    assert world.rerun(a_file().identity).rerun_of == again.import_id


def test_a_file_may_be_read_again_any_number_of_times() -> None:
    world = World()
    world.read(HEADER)
    ended = world.run()
    for _ in range(1200):
        ended = replace(ended.again(NOW), status=RunStatus.SUCCEEDED)
        world.runs.add(ended)
    again = world.rerun(a_file().identity)
    assert (again.rerun_of, again.status) == (ended.import_id, RunStatus.RUNNING)


def test_a_run_whose_reader_died_is_read_on_and_not_begun_anew() -> None:
    world = World()
    world.files.break_after = 5
    with pytest.raises(ConnectionError):
        world.read(rows(9))
    world.files.break_after = None
    assert world.rerun(a_file().identity).import_id == a_file().identity
    world.read_on()
    assert world.run().so_far.rows_sent == 9
