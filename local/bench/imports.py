"""What an import costs from the file to the levels: rows a second on the embedded AWS, calls and dollars.

Speed: a file is uploaded to the deployed application and ends as SUCCEEDED; ways are interleaved, the figure
is the median. Calls and units: the same use cases run here, one writer at a time, against the deployed table,
with a client that keeps account: without retries for contention, writes of indexes, and reads of streams.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from bench import prices
from bench.dynamodb_units import Metered
from bench.stock_readers import Counting, by_service
from inventory.adapters.dynamo_ledger import DynamoLedger
from inventory.adapters.dynamo_packs import DynamoPacks
from inventory.adapters.dynamo_products import DynamoThresholds
from inventory.adapters.dynamo_runs import DynamoRuns
from inventory.adapters.dynamo_stock import DynamoStock
from inventory.adapters.sqs_packs import PackBody
from inventory.domain.imports import Run, RunStatus
from inventory.domain.packs import MAX_ROWS_PER_MESSAGE
from inventory.use_cases.counting import count_pack
from sandbox.api import call, expect, upload, wait_for
from sandbox.console import Progress
from sandbox.deployment import Deployment
from sandbox.outputs import Outputs

WAYS = (1, MAX_ROWS_PER_MESSAGE)  # rows a message
ROUNDS = 3
ROWS = 1_000
LONGEST = 120  # seconds for one import
_HANDLER = "inventory.handlers.stock_files.handler"
_A_RECEIVE = 10  # messages, and as many a delete


def stock_rows(rows: int) -> str:
    """A file of products that nobody has seen."""
    name = uuid4().hex[:8]
    lines = (f"{name}-{number:06},LHR,{number % 500},2026-11-20\n" for number in range(rows))
    return "product_id,location,quantity,update_date\n" + "".join(lines)


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
        functions = self.deployment.client("lambda")
        pages = functions.get_paginator("list_functions").paginate()
        (reader,) = (each for page in pages for each in page["Functions"] if each["Handler"] == _HANDLER)
        variables = reader["Environment"]["Variables"] | {"ROWS_PER_MESSAGE": str(rows)}
        functions.update_function_configuration(
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
            raise RuntimeError(f"the import did not end well: {run}")
        return time.monotonic() - start

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        url = f"{self.outputs.apis['inventory']}/inventory{path}"
        answer = call(method, url, body, token=self.outputs.tokens.operator)
        return expect(201 if method == "POST" else 200, answer)

    def bills(self) -> Iterator["Bill"]:
        dynamodb = self.deployment.client("dynamodb")
        (table,) = (name for name in dynamodb.list_tables()["TableNames"] if "StockTable" in name)
        for way in WAYS:
            yield _bill(dynamodb, table, way)


@dataclass
class Bill:
    """What ROWS rows took, from the first message to the last level."""

    rows_per_message: int
    sqs_calls: int
    dynamodb_calls: int
    units: Counter[str] = field(default_factory=Counter)

    @property
    def dollars(self) -> Decimal:
        return prices.dollars(self.units)


def _bill(client: Any, table: str, rows_per_message: int) -> Bill:
    metered: Any = Metered(client)
    sqs = _send(rows_per_message)
    packs = [PackBody.model_validate_json(body).to_pack() for body in sqs.bodies]
    keep = timedelta(days=1)
    runs = DynamoRuns(metered, table, keep)
    first = packs[0]
    at = first.started_at
    runs.add(Run(first.import_id, "bench", RunStatus.RUNNING, "bench", "bench", at, started_at=at))
    metered.forget()
    for pack in packs:
        count_pack(
            pack,
            threshold=0,
            packs=DynamoPacks(metered, table, keep),
            stock=DynamoStock(metered, table),
            thresholds=DynamoThresholds(metered, table),
            ledger=DynamoLedger(metered, table),
            runs=runs,
            clock=lambda: datetime.now(UTC),
            pause=lambda _: None,
        )
    taken = -(-len(packs) // _A_RECEIVE)
    units = metered.units + Counter({"sqs.requests": sqs.requests * 2 + taken})  # sent, received, deleted
    return Bill(rows_per_message, sqs.calls + 2 * taken, metered.calls, units)


def _send(rows_per_message: int) -> Counting:
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "stock.csv"
        path.write_text(stock_rows(ROWS), encoding="utf-8")
        by_service(path, sqs := Counting(keeps=True), rows_per_message, import_id=uuid4().hex)
        return sqs
