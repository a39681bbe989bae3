"""Packs of rows become levels, each once, whatever breaks between two writes."""

import pytest

from inventory.domain.levels import Place
from inventory.domain.packs import Accounts
from jetbridge.kernel.errors import ConcurrentUpdate
from tests.unit.inventory.world import HEADER, World, a_file, rows


@pytest.fixture
def world() -> World:
    return World()


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
    assert [entry.version for entry in world.stock.ledger] == [1, 1], "P0 moved no units"


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


def test_a_newer_file_replaces_levels_and_an_older_one_is_stale(world: World) -> None:
    world.read(HEADER + "P1,LHR,5,2026-11-20\n")
    world.read(HEADER + "P1,LHR,9,2026-11-19\n", a_file("incoming/old.csv", etag="e2"))
    world.read(HEADER + "P1,LHR,7,2026-11-21\n", a_file("incoming/new.csv", etag="e3"))
    world.write_all()
    assert world.stock.levels[Place("P1", "LHR")].on_hand == 7
    assert world.run(a_file("incoming/old.csv")).accounts == Accounts(stale=1)
