"""Orders, inventory and payments in one account, connected by their templates, one step at a time."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto.dynamodb.models import dynamodb_backends

from inventory import bootstrap as inventory_bootstrap
from inventory.adapters.dynamo_stock import put_version
from inventory.adapters.level_items import level_values
from inventory.domain.levels import Cause, Change, Count, Level, Place, Reason
from inventory.handlers import expired_holds, stock_changes
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime import aws
from jetbridge.runtime.dynamodb import from_item, transact
from jetbridge.runtime.redelivery import Redelivery
from jetbridge.runtime.secrets import Secret
from orders import bootstrap as orders_bootstrap
from orders.handlers import cancel_order, order_changes, overdue_orders, place_order
from payments import bootstrap as payments_bootstrap
from payments.adapters.books import StripeBooks
from payments.adapters.circuits import DynamoCircuits, GuardedProvider
from payments.adapters.differences import LoggedDifferences
from payments.adapters.provider import StripeProvider
from payments.adapters.sns import SnsEvents
from payments.adapters.stripe import OUTAGES, StripeClient
from payments.domain.circuit import CircuitRules
from payments.handlers import payment_changes
from payments.use_cases.reconciling import RESTED, Reconciled, Reconciliation
from tests.integration.choreography.bank import Bank
from tests.integration.choreography.clock import START, WorldTime
from tests.integration.choreography.mishaps import Crash, Mishaps
from tests.integration.choreography.queues import Message, Queues
from tests.integration.choreography.wiring import readers
from tests.integration.tables import make_table
from tests.lambda_events import api_request, context, failed, sqs

TABLES = {
    "OrdersTable": "orders",
    "IdempotencyTable": "orders",
    "ProductsTable": "orders",
    "StockTable": "inventory",
    "PaymentsTable": "payments",
    "CircuitsTable": "payments",
}
STREAMS = {
    "OrdersTable": order_changes.handler,
    "StockTable": stock_changes.handler,
    "PaymentsTable": payment_changes.handler,
}
SETTINGS = {
    "ALLOW_ORIGIN": "*",
    "AWAITING_PAYMENT_LIMIT_SECONDS": "1800",
    "CURRENCY": "USD",
    "DEAD_LETTERS_URL": "replaced",
    "DEFAULT_PAYMENT_METHOD": "pm_card_visa",
    "HOLD_MINUTES": "15",
    "HOLD_RULE": "most-stock-first",
    "HOLDS_PER_SWEEP": "10",
    "IDEMPOTENCY_HOURS": "24",
    "IDEMPOTENCY_TABLE_NAME": "IdempotencyTable",
    "ORDERS_PER_SWEEP": "10",
    "ORDERS_TABLE_NAME": "OrdersTable",
    "PAYMENTS_TABLE_NAME": "PaymentsTable",
    "PLACED_LIMIT_SECONDS": "300",
    "PRICE_LIST": "optional",
    "PRODUCTS_TABLE_NAME": "ProductsTable",
    "QUEUE_URL": "replaced",
    "RETRY_AFTER_SECONDS": "0",
    "STOCK_TABLE_NAME": "StockTable",
}
STOCK = {("lamp", "LHR"): 4, ("lamp", "JFK"): 2, ("chair", "LHR"): 3}
HOLD_TIME = timedelta(minutes=16)
CIRCUIT = CircuitRules(
    faults=1, window=timedelta(hours=1), wait=timedelta(minutes=5), trial=timedelta(seconds=60)
)


@dataclass(frozen=True)
class Asked:
    """A customer's request; asked again it is the same."""

    key: str
    body: dict[str, Any]


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Empty tables and queues, full shelves, half past nine. Inside moto's mock of AWS."""
        dynamodb_backends.reset()
        for table, owner in TABLES.items():
            make_table(owner, table)
        WorldTime.moment = START
        self.mishaps = Mishaps()
        self.bank = Bank(self.mishaps)
        self.queues = Queues(self.mishaps)
        self.buried: list[str] = []
        self.seen = Counter[str]()
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self._places = dict.fromkeys(STREAMS, 0)
        self._reading = ""
        self._stock_up()
        self._connect(monkeypatch)

    def attempt(
        self, work: Callable[[], None], due: int = 0, happen: Callable[[], None] | None = None
    ) -> None:
        """Do it as a process of its own, that may be gone before it ends."""
        WorldTime.advance(timedelta(seconds=1))
        with self.mishaps.planned(due, happen):
            try:
                work()
            except Crash:
                return

    def place(self, asked: Asked) -> None:
        answer = self._call(place_order, "POST", "/orders", asked.body, {"Idempotency-Key": asked.key})
        self.answers.setdefault(asked.key, []).append(answer)

    def cancel(self, order_id: str) -> None:
        self._call(cancel_order, "DELETE", f"/orders/{order_id}")

    def deliver(self, message: Message, copies: int = 1, *, forget: bool = True) -> None:
        """One batch of the message. Not forgotten it comes again, as what failed or crashed does."""
        message.hidden = True  # until time has passed, or at once if it was only delivered twice
        groups = (message.group,) * copies if message.group else ()
        batch = sqs(*[message.body] * copies, queue=message.queue, groups=groups)
        with self._reads(message.queue):
            answer = readers()[message.queue](batch, context())
        if not failed(answer, batch):
            message.hidden = False
            if forget or message.group:
                self.queues.done(message)

    def tell(self, table: str, *, back: int = 0, most: int = 5) -> int:
        """The next changes of a table; `back` so many that were told before are told again."""
        start = max(self._places[table] - back, 0)
        records = self._records(table, start)[:most]
        if not records:
            return 0
        if table == "PaymentsTable":
            back_to = payment_changes.handler({"Records": records}, context())["batchItemFailures"]
            assert back_to == []
        else:
            self.queues.put_events(STREAMS[table](records, context()))
        self._places[table] = max(self._places[table], start + len(records))
        return len(records)

    def sweep(self) -> None:
        """The schedules of a minute."""
        expired_holds.handler({}, context())
        overdue_orders.handler({"id": f"tick-{WorldTime.moment.isoformat()}"}, context())

    def reconcile(self) -> None:
        """When all has rested: the provider's books against ours, then ours against theirs, a page each.

        While the provider is down the machine tries again, or fails; then it is the next night's.
        """
        WorldTime.advance(RESTED)
        so_far = Reconciled(START, WorldTime.moment - RESTED)
        with suppress(*OUTAGES):
            so_far = self._reconciliation.compare_provider(so_far)
            so_far = self._reconciliation.compare_payments(so_far)
        self.seen["healed"] += so_far.healed

    def await_provider(self) -> None:
        """Until its circuit lets one try."""
        if (retry_at := self._circuits.get().retry_at) and retry_at > WorldTime.moment:
            WorldTime.advance(retry_at - WorldTime.moment)

    @contextmanager
    def _reads(self, queue: str) -> Iterator[None]:
        """Whose function runs; another one's may run inside."""
        before, self._reading = self._reading, queue
        try:
            yield
        finally:
            self._reading = before

    def items(self, table: str) -> list[dict[str, Any]]:
        return [from_item(item) for item in boto3.client("dynamodb").scan(TableName=table)["Items"]]

    def versions(self) -> list[tuple[str, ...]]:
        """Table, key and version of everything ever written; a put without a change is not streamed."""
        return [
            (table, str(record["dynamodb"]["Keys"]), record["dynamodb"]["NewImage"]["version"]["N"])
            for table in STREAMS
            for record in self._records(table, 0)
            if record["dynamodb"].get("OldImage") != record["dynamodb"]["NewImage"]
        ]

    def _bury(self, _letter: object, reason: str) -> None:
        self.buried.append(reason)

    def _call(
        self, module: Any, method: str, path: str, body: object = None, headers: Any = None
    ) -> tuple[int, Any]:
        answer = module.handler(api_request(method, path, body, headers=headers), context())
        return answer["statusCode"], json.loads(answer["body"])

    def _records(self, table: str, start: int) -> list[Any]:
        """As DynamoDB Streams gives them to a pipe or a function."""
        shard = dynamodb_backends["123456789012"]["eu-west-1"].tables[table].stream_shard
        assert shard is not None
        return [_as_delivered(record.to_json()) for record in shard.items[start:]]

    def _stock_up(self) -> None:
        for (product_id, location), quantity in STOCK.items():
            place = Place(product_id, location)
            level = Level(
                place=place,
                on_hand=quantity,
                held=0,
                counted=Count(place, quantity, "2026-11-20", "1"),
                threshold=0,
                oversold_by=0,
                reason=Reason.COUNT,
                cause=Cause("import", "import", "import", START),
                version=1,
            )
            first = level_values(Change.of(None, level).new)
            transact(aws.client("dynamodb"), [put_version("StockTable", first, 0)])

    def _connect(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client: Any = aws.client("dynamodb")
        self.mishaps.watch(client)
        dead_letters = SimpleNamespace(bury=self._bury, send=self._bury)
        for bootstrap in (orders_bootstrap, inventory_bootstrap, payments_bootstrap):
            monkeypatch.setattr(bootstrap, "dead_letters", lambda: dead_letters)
        secret: Any = SimpleNamespace(get=lambda *_, **__: "sk_test")
        stripe = StripeClient(self.bank, "http://bank", Secret(secret, "arn", 300))  # type: ignore[arg-type]
        self._circuits = DynamoCircuits(client, "CircuitsTable", "bank")
        provider = GuardedProvider(StripeProvider(stripe), self._circuits, CIRCUIT, utc_now)
        self._reconciliation = Reconciliation(
            payments_bootstrap.payments(), provider, StripeBooks(stripe), LoggedDifferences(), utc_now
        )
        events = SnsEvents(self.queues, "topic")  # type: ignore[arg-type]
        monkeypatch.setattr(payments_bootstrap, "provider", lambda: provider)
        monkeypatch.setattr(payments_bootstrap, "events", lambda: events)
        sender: Any = self.queues
        monkeypatch.setattr(payments_bootstrap, "redelivery", lambda: Redelivery(sender, self._reading, 0))
        monkeypatch.setattr(inventory_bootstrap, "pause", lambda _: None)


def _as_delivered(record: dict[str, Any]) -> dict[str, Any]:
    at = record["dynamodb"]["ApproximateCreationDateTime"].timestamp()
    return record | {"dynamodb": record["dynamodb"] | {"ApproximateCreationDateTime": at}}
