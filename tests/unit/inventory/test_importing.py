"""A file is read once and all of its good rows are sent, whatever breaks on the way."""

from collections import Counter
from dataclasses import replace

import pytest

from inventory.domain.imports import RunStatus
from inventory.domain.levels import Place
from inventory.domain.packs import Accounts
from inventory.use_cases.importing import import_stock_file
from inventory.use_cases.reading import ATTEMPTS, Rules
from tests.unit.inventory.world import HEADER, World, a_file, rows


@pytest.fixture
def world() -> World:
    return World()


def test_rows_travel_several_to_a_message_and_ten_messages_a_call(world: World) -> None:
    world.read(rows(64))
    assert [len(call) for call in world.queue.calls] == [10, 10, 2]
    assert [len(pack.rows) for pack in world.queue.packs] == [3] * 21 + [1]


def test_a_row_a_message_makes_of_21_rows_exactly_three_calls(world: World) -> None:
    desk = replace(world.desk(), rules=Rules(rows_per_message=1, max_rejected_share=10))
    world.files.contents[a_file().key] = rows(21)
    import_stock_file(a_file(), desk)
    assert [len(call) for call in world.queue.calls] == [10, 10, 1]


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


def test_a_file_that_is_delivered_again_while_its_rows_are_written_is_not_read_again(world: World) -> None:
    world.read(rows(5))
    assert world.read(rows(5)).status == RunStatus.RUNNING
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
