"""The quick part of the matrix, and proof that it finds what it is for: published sagas' bugs, planted."""

import re
from typing import Any

import pytest

from checks.templates import ROOT
from tests.matrix import machines
from tests.matrix.__main__ import allowed
from tests.matrix.cells import (
    ALL_OR_NOTHING,
    BOOKING,
    COMPARING,
    MACHINES,
    Cell,
    Kind,
    cells,
    load,
    sample,
    tasks,
    ways,
)
from tests.matrix.conftest import WORKERS
from tests.matrix.report import PAGE, diagram
from tests.matrix.runs import run
from tests.matrix.world import World


def with_a_transfer_that_nobody_cancels(machine: str) -> Any:
    """As machines that only know of what succeeded."""
    made = load(machine)
    if "Reserve Transfer" in made["States"]:
        made["States"]["Reserve Transfer"]["Catch"][0]["Assign"]["transfer"] = False
    return made


def with_a_refund_of_what_nobody_paid(machine: str) -> Any:
    """As machines whose every error leads to the first compensation."""
    made = load(machine)
    if "Reserve Booking" in made["States"]:
        made["States"]["Reserve Booking"]["Catch"][-1]["Next"] = "Refund Payment"
    return made


def without_refund_after_a_fault(machine: str) -> Any:
    """As a well-known sample: what catches the payment's step leads past the refund."""
    made = load(machine)
    if "Collect Payment" in made["States"]:
        made["States"]["Collect Payment"]["Catch"][-1]["Next"] = "Cancel Booking"
    return made


def with_a_refund_that_stops_the_rest(machine: str) -> Any:
    """As another: a compensation that fails ends it all."""
    made = load(machine)
    if "Refund Payment" in made["States"]:
        made["States"]["Refund Payment"]["Catch"][-1]["Next"] = "Booking Failed"
    return made


def with_a_group_that_is_over_before_it_is_settled(machine: str) -> Any:
    """As machines that take the end of their last step for its success."""
    made = load(machine)
    if "Settle Group" in made["States"]:
        made["States"]["Settle Group"]["Catch"][0]["Next"] = "Group Settled"
    return made


def with_a_letter_that_nobody_misses(machine: str) -> Any:
    """As most: the dead-letter queue is trusted to be there."""
    made = load(machine)
    if "Group Lost" in made["States"]:
        made["States"]["Group Lost"]["Error"] = "fault"
    return made


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("bug", "cell", "letter"),
    [
        (
            with_a_refund_of_what_nobody_paid,
            Cell(BOOKING, "Reserve Booking", Kind.GENERIC, always=True),
            "X",
        ),
        (
            with_a_transfer_that_nobody_cancels,
            Cell(BOOKING, "Reserve Transfer", Kind.LOST, always=True),
            "L",
        ),
        (without_refund_after_a_fault, Cell(BOOKING, "Collect Payment", Kind.LOST, always=True), "L"),
        (with_a_refund_that_stops_the_rest, Cell(BOOKING, "Refund Payment", Kind.GENERIC, always=True), "L"),
        (
            with_a_group_that_is_over_before_it_is_settled,
            Cell(ALL_OR_NOTHING, "Settle Group", Kind.GENERIC, always=True),
            "L",
        ),
        (
            with_a_letter_that_nobody_misses,
            Cell(ALL_OR_NOTHING, "Booking DLQ", Kind.GENERIC, always=True),
            "L",
        ),
    ],
)
def test_a_planted_bug_is_found(
    on_aws: World, monkeypatch: pytest.MonkeyPatch, bug: Any, cell: Cell, letter: str
) -> None:
    monkeypatch.setattr(machines, "load", bug)
    monkeypatch.setattr(on_aws.account, "machines", {})
    (end,) = run([cell], on_aws, 1)
    assert end.verdict(on_aws.told()) == letter, end


@pytest.mark.e2e
def test_nothing_is_lost_in_a_sample_of_the_matrix(on_aws: World) -> None:
    ends = run(sample(), on_aws, WORKERS)
    told = on_aws.told()
    lost = [(end, end.verdict(told)) for end in ends if not allowed(end.cell, end.verdict(told))]
    assert not lost


def test_every_machine_has_its_place_in_the_matrix() -> None:
    files = {path.name.removesuffix(".asl.json") for path in (ROOT / "statemachines").iterdir()}
    assert files == {*MACHINES.values(), *COMPARING}


@pytest.mark.parametrize("machine", sorted(set(MACHINES.values())))
def test_no_task_of_a_machine_is_overlooked(machine: str) -> None:
    """However deep in maps and branches it stands."""
    text = (ROOT / "statemachines" / f"{machine}.asl.json").read_text(encoding="utf-8")
    assert len(tasks(machine)) == len(re.findall(r'"Type":\s*"Task"', text))


@pytest.mark.parametrize("machine", sorted(set(MACHINES.values())))
def test_the_page_shows_the_machines_as_they_are(machine: str) -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert diagram(machine) in shown, "run: make matrix"
    assert all(f"| {step} " in shown for step in tasks(machine))


def test_the_matrix_has_every_task_in_every_way() -> None:
    for saga, machine in MACHINES.items():
        for step in tasks(machine):
            played = {(it.always, it.kind) for it in cells() if (it.saga, it.step) == (saga, step)}
            assert played >= {way for way in ways(saga) if Kind.NAMED not in way}
