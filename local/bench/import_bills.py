"""What the rows of an import cost: calls to SQS and DynamoDB, request units, dollars."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
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
from inventory.use_cases.counting import count_pack

ROWS = 1_000
_A_RECEIVE = 10  # messages, and as many a delete


def stock_rows(rows: int) -> str:
    """A file of products that nobody has seen."""
    name = uuid4().hex[:8]
    lines = (f"{name}-{number:06},LHR,{number % 500},2026-11-20\n" for number in range(rows))
    return "product_id,location,quantity,update_date\n" + "".join(lines)


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


def bill(client: Any, table: str, rows_per_message: int) -> Bill:
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
