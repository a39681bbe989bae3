"""What an import costs from the file to the levels: rows a second on the embedded AWS, calls and dollars.

Speed: a file is uploaded to the deployed application and ends as SUCCEEDED; ways are interleaved, the figure
is the median. Calls and units: the same use cases run here, one writer at a time, against the deployed table,
with a client that keeps account: without retries for contention, writes of indexes, and reads of streams.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import prices
from bench.import_bills import ROWS, Bill, bill, stock_rows
from inventory.domain.packs import MAX_ROWS_PER_MESSAGE
from sandbox.api import call, expect, upload, wait_for
from sandbox.console import Progress, stage, table
from sandbox.deployment import Deployment
from sandbox.outputs import Outputs
from sandbox.problems import SandboxProblem

WAYS = (1, MAX_ROWS_PER_MESSAGE)  # rows a message
ROUNDS = 3
LONGEST = 120  # seconds for one import
_HANDLER = "inventory.handlers.stock_files.handler"


@dataclass(frozen=True)
class Imports:
    """Imports into the application that is deployed."""

    deployment: Deployment
    outputs: Outputs

    def speeds(self, progress: Progress) -> dict[int, float]:
        """Rows a second from the upload to the end, by rows a message."""
        taken: dict[int, list[float]] = {way: [] for way in WAYS}
        self._seconds(1)  # starts the functions
        done = 0
        for _ in range(ROUNDS):
            for way, seconds in taken.items():
                self._pack(way)
                seconds.append(self._seconds(ROWS))
                done += 1
                progress.show(done / ROUNDS / len(WAYS), f"{done} of {ROUNDS * len(WAYS)} imports")
        return {way: ROWS / median(seconds) for way, seconds in taken.items()}

    def _pack(self, rows: int) -> None:
        reader = self.deployment.function(_HANDLER)
        variables = reader["Environment"]["Variables"] | {"ROWS_PER_MESSAGE": str(rows)}
        self.deployment.client("lambda").update_function_configuration(
            FunctionName=reader["FunctionName"], Environment={"Variables": variables}
        )

    def _seconds(self, rows: int) -> float:
        asked = self._ask("POST", "/imports", {"fileName": "bench.csv"})
        start = time.monotonic()
        upload(asked["upload"]["url"], asked["upload"]["fields"], stock_rows(rows).encode())
        run = wait_for(
            lambda: self._ask("GET", f"/imports/{asked['importId']}"),
            lambda seen: seen["status"] not in {"AWAITING_UPLOAD", "RUNNING"},
            seconds=LONGEST,
            every=0.05,
        )
        if (run["status"], run["rowsWritten"]) != ("SUCCEEDED", rows):
            raise SandboxProblem(f"the import did not end well: {run}")
        return time.monotonic() - start

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        url = f"{self.outputs.apis['inventory']}/inventory{path}"
        answer = call(method, url, body, token=self.outputs.tokens.operator)
        return expect(201 if method == "POST" else 200, answer)

    def bills(self) -> Iterator[Bill]:
        dynamodb = self.deployment.client("dynamodb")
        (table,) = (name for name in dynamodb.list_tables()["TableNames"] if "StockTable" in name)
        for way in WAYS:
            yield bill(dynamodb, table, way)


def report(deployment: Deployment, outputs: Outputs) -> Iterator[str]:
    yield f"\nImports of {ROWS:,} rows on the embedded AWS.\n"
    measured = Imports(deployment, outputs)
    with stage(f"{ROUNDS} interleaved rounds") as progress:
        speeds = measured.speeds(progress)
    with stage("calls and units"):
        bills = list(measured.bills())
    yield from _told(speeds, bills)


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
