"""`python -m bench [PART ...]`: what it costs. The parts are `files`, `imports` and `init`; none: all."""

import socket
import sys
from collections.abc import Callable, Iterator

from bench import prices
from bench.import_bills import ROWS, Bill
from bench.imports import ROUNDS as IMPORT_ROUNDS
from bench.imports import Imports
from bench.init_time import ROUNDS, measure
from bench.stock_files import report
from sandbox.console import stage, table
from sandbox.deployment import Deployment
from sandbox.emulator import Emulator
from sandbox.outputs import gather
from sandbox.paths import LOCAL, ROOT
from sandbox.problems import SandboxProblem

_BUILD = ROOT / ".aws-sam" / "build"


def main(parts: list[str]) -> int:
    if unknown := set(parts) - set(PARTS):
        print(f"There is no part {', '.join(sorted(unknown))}: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    if not (_BUILD / "Platform").exists():
        print("Nothing is built yet: run make build first.", file=sys.stderr)
        return 1
    for part in parts or PARTS:
        try:
            for line in PARTS[part]():
                print(line, flush=True)
        except SandboxProblem as problem:
            print(f"\n{problem}", file=sys.stderr)
            return 1
    return 0


def files() -> Iterator[str]:
    yield "Reading stock files.\n"
    yield from report()


def imports() -> Iterator[str]:
    """Deploys on an embedded AWS of its own, and stops it."""
    yield f"\nImports of {ROWS:,} rows on the embedded AWS.\n"
    aws = Emulator(_free_port(), LOCAL / "bench")
    try:
        with stage("embedded AWS and deploy") as progress:
            aws.start()
            deployment = Deployment(aws, build=_BUILD)
            deployment.sam_deploy(progress)
            measured = Imports(deployment, gather(deployment))
        with stage(f"{IMPORT_ROUNDS} interleaved rounds") as progress:
            speeds = measured.speeds(progress)
        with stage("calls and units"):
            bills = list(measured.bills())
    finally:
        aws.stop()
    yield from _told(speeds, bills)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _told(speeds: dict[int, float], bills: list[Bill]) -> Iterator[str]:
    one, packed = speeds.values()
    head = (
        "rows a message",
        "rows/s end to end",
        "SQS calls",
        "DynamoDB calls",
        "write units",
        "read units",
        "$",
    )
    rows = [
        (
            str(bill.rows_per_message),
            f"{speeds[bill.rows_per_message]:,.0f}",
            f"{bill.sqs_calls * 1000 / ROWS:,.0f}",
            f"{bill.dynamodb_calls * 1000 / ROWS:,.0f}",
            f"{bill.units['dynamodb.write_units'] * 1000 / ROWS:,.0f}",
            f"{bill.units['dynamodb.read_units'] * 1000 / ROWS:,.0f}",
            f"{bill.dollars * 1000 / ROWS:.6f}",
        )
        for bill in bills
    ]
    yield f"\nPer 1,000 rows ({prices.source()}; SQS and DynamoDB, without Lambda, indexes and streams):\n"
    yield table(head, rows)
    yield f"\nPacked, an import is {packed / one:.1f} times as fast."


def init() -> Iterator[str]:
    yield f"\nInit time in {ROUNDS} interleaved rounds, median; x is against an empty handler.\n"
    with stage("fresh processes") as progress:
        measured = measure(_BUILD, progress)
    base, bare_base = next(iter(measured.values()))
    rows = [
        (name, f"{compiled * 1000:.0f}", f"{compiled / base:.2f}", f"{bare / base:.2f}")
        for name, (compiled, bare) in measured.items()
    ]
    yield table(("function", "ms", "x", "x without .pyc"), rows)
    yield f"\nThe empty handler without .pyc: {bare_base / base:.2f} x."


PARTS: dict[str, Callable[[], Iterator[str]]] = {"files": files, "imports": imports, "init": init}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
