"""Cells are played side by side, and looked at when all is over."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from tests.matrix import groups, verdicts
from tests.matrix.cells import GROUPS, Cell
from tests.matrix.world import World

type End = verdicts.End | groups.GroupEnd


def run(cells: Iterable[Cell], world: World, workers: int) -> list[End]:
    """Play the cells, let everything that is on its way arrive, and only then look."""
    with ThreadPoolExecutor(workers) as pool:
        looks = list(pool.map(lambda cell: _play(cell, world), cells))
    world.wait_until_quiet()
    return [look() for look in looks]


def _play(cell: Cell, world: World) -> Callable[[], End]:
    return groups.play(cell, world) if cell.saga in GROUPS else verdicts.play(cell, world)
