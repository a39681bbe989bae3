"""Run the whole matrix and print it: `make matrix`. Exits 1 for a loss that must not be."""

import os
import socket
import sys
from collections import defaultdict

from tests.matrix.cells import MACHINES, Cell, Kind, cells, tasks
from tests.matrix.verdicts import run
from tests.matrix.world import world

WORKERS = 8


def main() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(os.environ.get("PORT") or probe.getsockname()[1])
    wanted = [cell for cell in cells() if all(word in str(cell) for word in sys.argv[1:])]
    print(f"{len(wanted)} cells on an embedded AWS of their own ...", flush=True)
    with world(port, WORKERS) as made:
        ends = run(wanted, made, WORKERS)
        told = made.told()
        verdicts = {end.cell: end.verdict(told) for end in ends}
    show(verdicts)
    faults = [end for end in ends if not allowed(end.cell, verdicts[end.cell])]
    for end in faults:
        print(f"{verdicts[end.cell]} {end}")
    counts = {letter: list(verdicts.values()).count(letter) for letter in "CRL"}
    print(f"{counts['C']} conserved, {counts['R']} lost and told, {counts['L']} lost silently")
    return 1 if faults else 0


def allowed(cell: Cell, verdict: str) -> bool:
    """Only a compensation that fails for good may lose something, and then a person must hear of it."""
    return verdict == "C" or (verdict == "R" and cell.undoes and cell.always)


def show(verdicts: dict[Cell, str]) -> None:
    by_place: dict[tuple[str, str, bool, Kind], set[str]] = defaultdict(set)
    for cell, verdict in verdicts.items():
        by_place[cell.saga, cell.step, cell.always, cell.kind].add(verdict)
    head = " ".join(f"{kind:>8}" for kind in Kind)
    for saga, machine in MACHINES.items():
        print(f"\n{saga:<24}{head}  {head}\n{'':<24}{'always':>8}{'':38}{'once':>8}")
        for step in tasks(machine):
            row = [
                "".join(sorted(by_place[saga, step, always, kind])) or "-"
                for always in (True, False)
                for kind in Kind
            ]
            print(
                f"  {step:<22}"
                + " ".join(f"{it:>8}" for it in row[:5])
                + "  "
                + " ".join(f"{it:>8}" for it in row[5:])
            )
    print("\nC conserved   R a loss that the Booking DLQ tells of   L a loss that nobody hears of\n")


if __name__ == "__main__":
    sys.exit(main())
