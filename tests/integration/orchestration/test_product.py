"""Whatever task fails, and whatever compensation after it: money, seats, transfers are conserved or told."""

import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.integration.orchestration.bugs import changed
from tests.integration.orchestration.faults import Fault, FaultyWorld
from tests.integration.orchestration.machine import Orchestration
from tests.integration.orchestration.product import (
    BROKEN,
    SHARE,
    Cell,
    begin,
    first_faults,
    verdict,
    with_undoings,
)
from tests.integration.orchestration.world import BOOKING
from tests.matrix.cells import AFTER, COMPENSATIONS, Kind, tasks

ONCE = Fault(Kind.GENERIC, always=False)


class Play(Orchestration):
    """All cells at once: their bookings do not meet."""

    world: FaultyWorld
    world_of = FaultyWorld

    def play(self, cells: Iterable[Cell]) -> dict[Cell, str]:
        played = list(cells)
        for cell in played:
            begin(cell, self.world)
        self.calm()
        for cell in played:
            if cell.cancels:
                assert self.world.cancel(cell.booking_id) == 202
        self.calm()
        while self.world.machines.late:
            self._let_come_late(-1)
        self.calm()
        return {cell: verdict(cell, self.world) for cell in played}

    def finish_by_hand(self, cells: Iterable[Cell]) -> None:
        """As the runbook says, once what was broken is mended."""
        self.world.machines.faults.clear()
        for cell in cells:
            assert self.world.undo(cell.booking_id) == 202
        self.calm()


def unexpected(ends: dict[Cell, str]) -> list[str]:
    return [f"{end} {cell}" for cell, end in ends.items() if end not in cell.may_end()]


def test_every_fault_times_every_undoing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the second a share, another for each fault; `make matrix` takes all."""
    run = type("Run", (Play,), {"monkeypatch": monkeypatch})()
    ends = run.play(first_faults())
    assert unexpected(ends) == []
    assert set(ends.values()) == {"C", "R"}
    twice = [each for cell in ends for each in with_undoings(cell, run.world)]
    second = run.play(twice[:: int(os.environ.get("MATRIX_SHARE", SHARE))])
    assert unexpected(second) == []
    told = [cell for cell, end in second.items() if end == "R"]
    assert told
    run.finish_by_hand(told)
    assert {verdict(cell, run.world) for cell in told} == {"C"}


def a_refund_that_stops_the_rest(states: dict[str, Any]) -> None:
    if "Refund Payment" in states:
        states["Refund Payment"]["Catch"][-1]["Next"] = "Booking Failed"


def a_refund_that_is_tried_once(states: dict[str, Any]) -> None:
    if "Refund Payment" in states:
        states["Refund Payment"]["Retry"] = []


def a_second_failure_that_forgets_the_first(states: dict[str, Any]) -> None:
    if "Release Flight" in states:
        states["Release Flight"]["Catch"][0]["Assign"]["missing"] = {"Release Flight": {"Error": "E"}}


@pytest.mark.parametrize(
    ("bug", "cell", "end"),
    [
        (
            a_refund_that_stops_the_rest,
            Cell(BOOKING, "Confirm Booking", BROKEN, "Refund Payment", BROKEN),
            "L",
        ),
        (a_refund_that_is_tried_once, Cell(BOOKING, "Confirm Booking", BROKEN, "Refund Payment", ONCE), "R"),
        (
            a_second_failure_that_forgets_the_first,
            Cell(BOOKING, "Release Flight", BROKEN, "Refund Payment", BROKEN),
            "L",
        ),
    ],
)
def test_a_planted_bug_is_found(
    bug: Callable[[dict[str, Any]], None], cell: Cell, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, bug)
    run = type("Run", (Play,), {"monkeypatch": monkeypatch})()
    assert run.play([cell])[cell] == end


def test_every_task_fails_and_every_compensation_after_it() -> None:
    """What the share leaves out is still known of: by the machines' own files."""
    steps = {cell.step for cell in first_faults()}
    assert steps >= set(tasks("process_booking")) | set(tasks("await_supplier"))
    assert set(tasks("compensate_booking")) == {*COMPENSATIONS, *AFTER}
