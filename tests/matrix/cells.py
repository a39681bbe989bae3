"""The cells of the matrix, made from the machines themselves, so that a new state cannot escape it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from checks.templates import ROOT

PROCESS, COMPENSATE, AWAIT = "process_booking", "compensate_booking", "await_supplier"
GROUP = "process_group"
# What is played, always with a transfer: a booking; one whose partner is being waited for; the undoing of one
# whose execution was aborted once it was paid; that of one that a passenger cancels. And groups of bookings,
# which have none. Beside it the machine in which the task fails.
BOOKING, TRANSFER = "booking", "waiting for the transfer"
ABORTED, CANCELLED = "aborted booking", "cancelled booking"
ALL_OR_NOTHING, BEST_EFFORT = GROUPS = "group, all or nothing", "group, best effort"
MACHINES = {
    BOOKING: PROCESS,
    TRANSFER: AWAIT,
    ABORTED: COMPENSATE,
    CANCELLED: COMPENSATE,
    ALL_OR_NOTHING: GROUP,
    BEST_EFFORT: GROUP,
}
# These take and give nothing: their functions compare, and heal what has a clear end each by itself.
COMPARING = ("reconcile_payments", "reconcile_stock")
COMPENSATIONS = ("Refund Payment", "Cancel Booking", "Cancel Transfer", "Release Flight")
AFTER = ("Settle Booking", "Notify Failed Booking", "Booking DLQ")
SETTLING = ("Settle Group", "Booking DLQ", "Settle Group Again")  # of a group

# What a step must not claim against the truth: `BookingStands` of a booking that does not stand would keep
# its money and its seats, `NotFound` of a booking that is there leaves it as it is. The first comes true
# where the answer of Confirm Booking is lost.
UNTRUE = {
    ("Refund Payment", "BookingStands"),
    ("Cancel Booking", "BookingStands"),
    ("Cancel Booking", "NotFound"),
    ("Cancel Transfer", "BookingStands"),
    ("Settle Booking", "NotFound"),
}


class Kind(StrEnum):
    """How a task fails. `LOST`: it took effect, then died. `LATE`: its effect comes when all is over.

    `ABORTED`: the execution is stopped there, or the one inside for which the task waits.
    """

    NAMED = "named"
    GENERIC = "generic"
    TIMEOUT = "timeout"
    LOST = "lost"
    LATE = "late"
    THROTTLED = "throttled"
    ABORTED = "aborted"


# How each may fail: in every attempt, in the first one only; throttled are the first two.
_OFTEN = [kind for kind in Kind if kind not in (Kind.THROTTLED, Kind.ABORTED)]
WAYS = [*((True, kind) for kind in _OFTEN), *((False, kind) for kind in (*_OFTEN, Kind.THROTTLED))]


def ways(saga: str) -> list[tuple[bool, Kind]]:
    """Bookings that are aborted are a saga of their own."""
    return [*WAYS, (True, Kind.ABORTED)] if saga in GROUPS else WAYS


type Fault = dict[str, Any]

BROKEN: Fault = {"kind": Kind.GENERIC, "always": True, "error": "RuntimeError"}
STOPPED: Fault = {"kind": Kind.ABORTED, "always": True}


@dataclass(frozen=True, slots=True)
class Cell:
    """One way for one task of one saga to fail: always, or only at first."""

    saga: str
    step: str
    kind: Kind
    always: bool
    error: str = "RuntimeError"

    @property
    def undoes(self) -> bool:
        if self.saga in GROUPS:
            return self.step in SETTLING
        return self.saga in (ABORTED, CANCELLED) or self.step in (*COMPENSATIONS, *AFTER)

    @property
    def may_need_a_person(self) -> bool:
        """A compensation fails for good."""
        return self.undoes and self.always

    @property
    def fault(self) -> Fault:
        return {"kind": self.kind, "always": self.always, "error": self.error}

    @property
    def faults(self) -> dict[str, Fault]:
        """By state: what goes wrong there. What undoes needs something to undo: a paid booking that fails."""
        if self.saga == ABORTED:
            return {"Confirm Booking": STOPPED, self.step: self.fault}
        if self.saga == BOOKING and self.undoes:
            return {"Confirm Booking": BROKEN, self.step: self.fault}
        return {self.step: self.fault}

    def __str__(self) -> str:
        error = f" {self.error}" if self.kind is Kind.NAMED else ""
        often = "always" if self.always else "once"
        return f"{self.saga}, {self.step}: {self.kind}{error} {often}"


def load(machine: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "statemachines" / f"{machine}.asl.json").read_text())
    return loaded


def tasks(machine: str) -> dict[str, dict[str, Any]]:
    """By name, those of a map or of parallel branches too."""
    return {name: state for name, state in _states(load(machine)) if state["Type"] == "Task"}


def _states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        for inside in machines_inside(state):
            yield from _states(inside)


def machines_inside(state: dict[str, Any]) -> list[dict[str, Any]]:
    return [*([state["ItemProcessor"]] if "ItemProcessor" in state else []), *state.get("Branches", [])]


def refusals(state: dict[str, Any]) -> list[str]:
    """The errors that the state does not retry, and those that any function of ours may raise."""
    named = {name for it in state["Retry"] if it.get("MaxAttempts") == 0 for name in it["ErrorEquals"]}
    if "lambda:invoke" in state["Resource"]:
        named |= {"NotFound", "ValidationError"}
    return sorted(name for name in named if not name.startswith("States."))


def cells() -> Iterator[Cell]:
    for saga, machine in MACHINES.items():
        for step, state in tasks(machine).items():
            errors = [error for error in refusals(state) if (step, error) not in UNTRUE]
            for always, kind in ways(saga):
                if kind is Kind.NAMED:
                    yield from (Cell(saga, step, kind, always, error) for error in errors)
                else:
                    yield Cell(saga, step, kind, always)


def sample() -> list[Cell]:
    """The quick part: what the published sagas lose, and one of each kind of failing compensation."""
    forward = [
        Cell(BOOKING, step, kind, always)
        for step in ("Reserve Flight", "Reserve Transfer", "Collect Payment", "Confirm Booking")
        for kind in (Kind.LOST, Kind.LATE)
        for always in (True, False)
    ]
    backward = [
        Cell(BOOKING, step, kind, always)
        for step in COMPENSATIONS
        for kind, always in ((Kind.GENERIC, True), (Kind.LOST, False), (Kind.LATE, False))
    ]
    ended = [
        Cell(saga, step, Kind.GENERIC, always)
        for saga in (ABORTED, CANCELLED)
        for step in COMPENSATIONS
        for always in (True, False)
    ]
    in_groups = [
        Cell(saga, step, kind, always)
        for saga, step, kind, always in (
            (ALL_OR_NOTHING, "Process Booking", Kind.LOST, True),
            (ALL_OR_NOTHING, "Process Booking", Kind.ABORTED, True),
            (ALL_OR_NOTHING, "Await Booking", Kind.ABORTED, True),
            (ALL_OR_NOTHING, "Settle Group", Kind.LATE, False),
            (ALL_OR_NOTHING, "Settle Group", Kind.GENERIC, True),
            (ALL_OR_NOTHING, "Booking DLQ", Kind.GENERIC, True),
            (BEST_EFFORT, "Process Booking", Kind.LATE, True),
            (BEST_EFFORT, "Settle Group", Kind.LOST, False),
        )
    ]
    return [
        *in_groups,  # they wait longest
        *forward,
        *backward,
        *ended,
        Cell(TRANSFER, "Ask Supplier", Kind.GENERIC, True),
        Cell(BOOKING, "Refund Payment", Kind.THROTTLED, False),
        Cell(BOOKING, "Collect Payment", Kind.NAMED, True, "PaymentDeclined"),
    ]
