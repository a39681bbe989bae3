"""Run the matrix and print it: `make matrix`, which also writes docs/saga.md. Words choose some cells.

Exits 1 for a loss that must not be.
"""

import os
import sys

from sandbox.processes import free_port
from tests.matrix.cells import Cell, cells
from tests.matrix.report import PAGE, page, table
from tests.matrix.runs import run
from tests.matrix.world import world

WORKERS = 8


def main(words: list[str]) -> int:
    port = int(os.environ.get("PORT") or free_port())
    wanted = [cell for cell in cells() if all(word in str(cell) for word in words)]
    print(f"{len(wanted)} cells on an embedded AWS of their own ...", flush=True)
    with world(port, WORKERS) as made:
        ends = run(wanted, made, WORKERS)
        told = made.told()
    verdicts = {end.cell: end.verdict(told) for end in ends}
    print(table(verdicts))
    lost = [end for end in ends if not allowed(end.cell, verdicts[end.cell])]
    for end in lost:
        print(f"{verdicts[end.cell]} {end}")
    if not (lost or words):
        PAGE.write_text(page(verdicts), encoding="utf-8")
    print(f"{len(wanted) - len(lost)} of {len(wanted)} cells end as they may")
    return 1 if lost else 0


def allowed(cell: Cell, verdict: str) -> bool:
    """Only a compensation that fails for good may lose something, and then a person must hear of it."""
    return verdict == "C" or (verdict == "R" and cell.may_need_a_person)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
