"""`python -m bench`: the reader of stock files, and init time of every function against an empty handler."""

import sys

from bench.init_time import ROUNDS, measure
from bench.stock_files import report
from sandbox.console import table
from sandbox.paths import ROOT

_BUILD = ROOT / ".aws-sam" / "build"


def main() -> int:
    if not (_BUILD / "Platform").exists():
        print("Nothing is built yet: run make build first.", file=sys.stderr)
        return 1
    for line in report():
        print(line)
    print(f"\nInit time in {ROUNDS} interleaved rounds, median; x is against an empty handler.\n")
    measured = measure(_BUILD)
    base, bare_base = next(iter(measured.values()))
    rows = [
        (name, f"{compiled * 1000:.0f}", f"{compiled / base:.2f}", f"{bare / base:.2f}")
        for name, (compiled, bare) in measured.items()
    ]
    print(table(("function", "ms", "x", "x without .pyc"), rows))
    print(f"\nThe empty handler without .pyc: {bare_base / base:.2f} x.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
