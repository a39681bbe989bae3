"""What the matrix says, as docs/saga.md shows it: the verdicts, and the machines as diagrams."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from checks.templates import ROOT
from tests.matrix.cells import (
    AWAIT,
    COMPENSATE,
    GROUP,
    MACHINES,
    PROCESS,
    Cell,
    Kind,
    load,
    machines_inside,
    tasks,
    ways,
)

PAGE = ROOT / "docs/saga.md"
HEAD = """# The saga, and what it loses

Made by `make matrix`; do not edit. Every task of the four state machines fails in every way, on the embedded
AWS, and money, seats and transfers are counted where the saga cannot write: in the card processor's log, in
that of the partner for airport transfers, and on the flight. The tasks come from the machines themselves.

- **C** conserved: the booking is confirmed, charged, seated and has its transfer; or it is not, and nothing
  is kept. Each compensation had its effect once where its step may have had one, and never elsewhere.
- **R** a loss that a person is told of: `BookingDlq` has the case, with an alarm, and the booking says what
  is missing. Only where a compensation fails for good.
- **L** a loss that nobody hears of, and **X** a compensation that had its effect twice, or where there was
  nothing to undo. There must be none, and `make matrix` fails if there is.

Groups are of two bookings, the first of them fine; a task fails for the last or for the group. Conserved is a
group whose bookings are, and are what was asked for: all of them or none, else the first one stands; and
which is what the group's own status says. A booking is asked for (`Await Booking`) after the answer of its
execution was lost. A group is settled because the last booking got no seats, or was never begun; it gets
to its `Booking DLQ` and to `Settle Group Again` only because it could not be settled at once.

*named*: an error that is a refusal; *generic*: any exception; *timeout*: no answer and no effect; *lost*: the
task took effect, then died; *late*: no answer, and it takes effect when all is over. Each in every attempt,
or in the first one only. *throttled*: refused by the service, twice. *aborted*: the execution is stopped
there, or the booking's own while the group waits for it.
"""

type Verdicts = dict[Cell, str]
type Machine = dict[str, Any]


def table(verdicts: Verdicts) -> str:
    """One table for each saga that is played, one row for each task."""
    return "\n\n".join(f"**{saga}**\n\n" + "\n".join(_rows(saga, verdicts)) for saga in MACHINES)


def _rows(saga: str, verdicts: Verdicts) -> Iterator[str]:
    by_place: dict[tuple[str, str, bool, Kind], set[str]] = defaultdict(set)
    for cell, verdict in verdicts.items():
        by_place[cell.saga, cell.step, cell.always, cell.kind].add(verdict)
    columns = ways(saga)
    names = [_name(often, kind) for often, kind in columns]
    yield f"| {'task':<21} | " + " | ".join(names) + " |"
    yield "|---|" + ":-:|" * len(columns)
    for step in tasks(MACHINES[saga]):
        found = ["".join(sorted(by_place[saga, step, *column])) or "-" for column in columns]
        cells = (f"{it:^{len(name)}}" for it, name in zip(found, names, strict=True))
        yield f"| {step:<21} | " + " | ".join(cells) + " |"


def _name(always: bool, kind: Kind) -> str:
    if kind is Kind.THROTTLED:
        return "twice throttled"
    if kind is Kind.ABORTED:
        return "aborted"
    return f"{'always' if always else 'once'} {kind}"


def diagram(machine: str) -> str:
    """The machine as a Mermaid state diagram: what comes next, and dotted in name where an error leads."""
    return "\n".join(["```mermaid", "stateDiagram-v2", *_lines(load(machine), "  "), "```"])


def _lines(machine: Machine, indent: str) -> Iterator[str]:
    """A state with a machine inside, as a map has it, is drawn around that."""
    for name in machine["States"]:
        yield f'{indent}state "{name}" as {_short(name)}'
    yield f"{indent}[*] --> {_short(machine['StartAt'])}"
    for name, state in machine["States"].items():
        for inside in machines_inside(state):
            yield f"{indent}state {_short(name)} {{"
            yield from _lines(inside, f"{indent}  ")
            yield f"{indent}}}"
        for target, error in _ways_out(state):
            yield f"{indent}{_short(name)} --> {_short(target)}" + (f": {error}" if error else "")
        if state["Type"] in ("Succeed", "Fail"):
            yield f"{indent}{_short(name)} --> [*]"


def _ways_out(state: Machine) -> Iterator[tuple[str, str]]:
    """The states that may come next, each with the errors that lead there."""
    if "Next" in state:
        yield state["Next"], ""
    yield from ((each["Next"], "") for each in state.get("Choices", []))
    if "Default" in state:
        yield state["Default"], ""
    yield from ((each["Next"], ", ".join(each["ErrorEquals"])) for each in state.get("Catch", []))


def _short(name: str) -> str:
    return name.replace(" ", "")


def page(verdicts: Verdicts) -> str:
    counts = {letter: list(verdicts.values()).count(letter) for letter in "CRLX"}
    told = f"{len(verdicts)} cells: {counts['C']} C, {counts['R']} R, {counts['L']} L, {counts['X']} X."
    diagrams = (f"## `{name}`\n\n{diagram(name)}" for name in (PROCESS, AWAIT, COMPENSATE, GROUP))
    return "\n\n".join([HEAD + "\n" + told, table(verdicts), *diagrams]) + "\n"
