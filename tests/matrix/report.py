"""What the matrix says, as docs/saga.md shows it: the verdicts, and the machines as diagrams."""

from collections import defaultdict
from collections.abc import Iterator

from checks.templates import ROOT
from tests.matrix.cells import AWAIT, COMPENSATE, MACHINES, PROCESS, WAYS, Cell, Kind, load, tasks

PAGE = ROOT / "docs/saga.md"
HEAD = """# The saga, and what it loses

Made by `make matrix`; do not edit. Every task of the three state machines fails in every way, on the embedded
AWS, and money, seats and transfers are counted where the saga cannot write: in the card processor's log, in
that of the partner for airport transfers, and on the flight. The tasks come from the machines themselves.

- **C** conserved: the booking is confirmed, charged, seated and has its transfer; or it is not, and nothing
  is kept. Each compensation had its effect once where its step may have had one, and never elsewhere.
- **R** a loss that a person is told of: `BookingDlq` has the case, with an alarm, and the booking says what
  is missing. Only where a compensation fails for good.
- **L** a loss that nobody hears of, and **X** a compensation that had its effect twice, or where there was
  nothing to undo. There must be none, and `make matrix` fails if there is.

*named*: an error that is a refusal; *generic*: any exception; *timeout*: no answer and no effect; *lost*: the
task took effect, then died; *late*: no answer, and it takes effect when all is over. Each in every attempt,
or in the first one only. *throttled*: refused by the service, twice.
"""

type Verdicts = dict[Cell, str]


def table(verdicts: Verdicts) -> str:
    """One table for each saga that is played, one row for each task."""
    return "\n\n".join(f"**{saga}**\n\n" + "\n".join(_rows(saga, verdicts)) for saga in MACHINES)


def _rows(saga: str, verdicts: Verdicts) -> Iterator[str]:
    by_place: dict[tuple[str, str, bool, Kind], set[str]] = defaultdict(set)
    for cell, verdict in verdicts.items():
        by_place[cell.saga, cell.step, cell.always, cell.kind].add(verdict)
    names = [_name(often, kind) for often, kind in WAYS]
    yield f"| {'task':<21} | " + " | ".join(names) + " |"
    yield "|---|" + ":-:|" * len(WAYS)
    for step in tasks(MACHINES[saga]):
        found = ["".join(sorted(by_place[saga, step, *column])) or "-" for column in WAYS]
        cells = (f"{it:^{len(name)}}" for it, name in zip(found, names, strict=True))
        yield f"| {step:<21} | " + " | ".join(cells) + " |"


def _name(always: bool, kind: Kind) -> str:
    if kind is Kind.THROTTLED:
        return "twice throttled"
    return f"{'always' if always else 'once'} {kind}"


def diagram(machine: str) -> str:
    """The machine as a Mermaid state diagram: what comes next, and dotted in name where an error leads."""
    definition = load(machine)
    ids = {name: name.replace(" ", "") for name in definition["States"]}
    lines = [f'  state "{name}" as {short}' for name, short in ids.items()]
    lines.append(f"  [*] --> {ids[definition['StartAt']]}")
    for name, state in definition["States"].items():
        ways = [(state["Next"], "")] if "Next" in state else []
        ways += [(each["Next"], "") for each in state.get("Choices", [])]
        ways += [(state["Default"], "")] if "Default" in state else []
        ways += [(each["Next"], ", ".join(each["ErrorEquals"])) for each in state.get("Catch", [])]
        for target, error in ways:
            lines.append(f"  {ids[name]} --> {ids[target]}" + (f": {error}" if error else ""))
        if state["Type"] in ("Succeed", "Fail"):
            lines.append(f"  {ids[name]} --> [*]")
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def page(verdicts: Verdicts) -> str:
    counts = {letter: list(verdicts.values()).count(letter) for letter in "CRLX"}
    told = f"{len(verdicts)} cells: {counts['C']} C, {counts['R']} R, {counts['L']} L, {counts['X']} X."
    diagrams = (f"## `{name}`\n\n{diagram(name)}" for name in (PROCESS, AWAIT, COMPENSATE))
    return "\n\n".join([HEAD + "\n" + told, table(verdicts), *diagrams]) + "\n"
