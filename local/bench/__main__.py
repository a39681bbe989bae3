"""`python -m bench [PART ...]`: what it costs. Without a part, all of them."""

import sys
from collections.abc import Callable, Iterator

from bench import imports, init_time, sagas, stock_files, transactions, warm
from bench.application import Application
from sandbox.paths import ROOT
from sandbox.problems import SandboxProblem

PARTS: dict[str, Callable[[Application], Iterator[str]]] = {
    "files": lambda _: stock_files.report(),
    "init": lambda application: init_time.report(application.build),
    "warm": lambda application: warm.report(application.build),
    "imports": lambda application: imports.report(*application.deployed),
    "orders": lambda application: transactions.report(*application.deployed),
    "bookings": lambda application: sagas.report(*application.deployed),
}


def main(parts: list[str]) -> int:
    if unknown := set(parts) - set(PARTS):
        print(f"There is no part {', '.join(sorted(unknown))}: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    build = ROOT / ".aws-sam" / "build"
    if not (build / "Platform").exists():
        print("Nothing is built yet: run make build first.", file=sys.stderr)
        return 1
    with Application(build) as application:
        for part in parts or PARTS:
            try:
                for line in PARTS[part](application):
                    print(line, flush=True)
            except SandboxProblem as problem:
                print(f"\n{problem}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
