"""What reading a stock file takes: speed, memory, calls to SQS. `report` tells it line by line."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench import prices
from bench.stock_readers import Counting, by_bare_loop, by_service, sdk
from inventory.domain.packs import MAX_ROWS_PER_MESSAGE

ROUNDS = 5
ROWS = 50_000
BAD = 20  # one row of so many is bad, where some are

_STATUS = Path("/proc/self/status")


def make_file(path: Path, rows: int, bad_every: int = 0) -> None:
    with path.open("w", encoding="utf-8") as text:
        text.write("product_id,location,quantity,update_date\n")
        for n in range(rows):
            sign = "-" if bad_every and n % bad_every == 1 else ""
            text.write(f"PRODUCT-{n:08},LHR,{sign}{n % 500},2026-11-20\n")


def speeds(path: Path, rows: int, sqs: Any) -> tuple[float, float]:
    """Rows a second of the service's reader and of the bare loop."""
    seconds: dict[Callable[[Path, Any], None], list[float]] = {by_service: [], by_bare_loop: []}
    for _ in range(ROUNDS):
        for way, taken in seconds.items():
            start = time.perf_counter()
            way(path, sqs)
            taken.append(time.perf_counter() - start)
    service, bare = (rows / median(taken) for taken in seconds.values())
    return service, bare


def memory_growth(path: Path, way: str = "service") -> int:
    """Bytes that the peak of a fresh process grows by while the file is read in one of WAYS."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.stock_files", way, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def report() -> Iterator[str]:
    yield "Reading stock files.\n"
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "stock.csv"
        for rows in (10_000, 100_000, 1_000_000):
            make_file(path, rows)
            yield f"peak memory growth, {rows:>9,} rows: {memory_growth(path) / 2**20:6.1f} MB"
        for what, client, bad_every in (
            ("without sending", Counting(), 0),
            (f"with one bad row of {BAD}", Counting(), BAD),
            ("with the SDK", sdk(), 0),
        ):
            make_file(path, ROWS, bad_every)
            service, bare = speeds(path, ROWS, client)
            ratio = f"ratio {service / bare:.2f}"
            yield f"rows a second {what}: reader {service:,.0f}, bare loop {bare:,.0f}, {ratio}"
        make_file(path, ROWS)
        for packed in (1, MAX_ROWS_PER_MESSAGE):
            by_service(path, sqs := Counting(), packed)
            calls, dollars = (
                sqs.calls * 1000 / ROWS,
                prices.dollars({"sqs.requests": sqs.requests}) * 1000 / ROWS,
            )
            yield f"SQS a 1,000 rows, {packed:>2} a message: {calls:.2f} calls, ${dollars:.7f}"


def _peak() -> int:
    """Bytes. Not getrusage's: that one begins at the peak of the process that started this one."""
    [line] = [line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def _hold(path: Path, _: Any) -> None:
    """What a reader must not do."""
    [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]


WAYS: dict[str, Callable[[Path, Any], None]] = {"service": by_service, "hold": _hold}


if __name__ == "__main__":
    before = _peak()
    WAYS[sys.argv[1]](Path(sys.argv[2]), Counting())
    print(_peak() - before)
