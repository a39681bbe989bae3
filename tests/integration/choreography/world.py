"""Orders, inventory and payments in one account, connected by their templates, one step at a time."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from inventory import bootstrap as inventory_bootstrap
from inventory.adapters.level_items import level_values
from inventory.domain.levels import Cause, Change, Count, Level, Place, Reason
from inventory.handlers import expired_holds, stock_changes
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime import aws
from jetbridge.runtime.dynamodb import put_over, transact
from orders import bootstrap as orders_bootstrap
from orders.handlers import cancel_order, order_changes, overdue_orders, place_order
from payments import bootstrap as payments_bootstrap
from payments.adapters.books import StripeBooks
from payments.adapters.circuits import DynamoCircuits, GuardedProvider
from payments.adapters.differences import LoggedDifferences
from payments.adapters.stripe import OUTAGES
from payments.domain.circuit import CircuitRules
from payments.handlers import payment_changes
from payments.ports import Provider
from payments.use_cases.reconciling import RESTED, Reconciled, Reconciliation
from tests.integration.choreography.account import Account
from tests.integration.choreography.clock import START, WorldTime
from tests.lambda_events import context

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
    "IDEMPOTENCY_HOURS": "24",
    "IDEMPOTENCY_TABLE_NAME": "IdempotencyTable",
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
    faults=3, window=timedelta(hours=1), wait=timedelta(minutes=5), trial=timedelta(seconds=60)
)


@dataclass(frozen=True)
class Asked:
    """A customer's request; asked again it is the same."""

    key: str
    body: dict[str, Any]


class World(Account):
    tables = TABLES
    streams = STREAMS

    def __init__(self, monkeypatch: pytest.MonkeyPatch, faults: int) -> None:
        """Empty tables and queues, full shelves, half past nine. Inside moto's mock of AWS.

        The provider's circuit opens after so many `faults`.
        """
        super().__init__()
        self.seen = Counter[str]()
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self._circuit = replace(CIRCUIT, faults=faults)
        self._circuits = DynamoCircuits(aws.client("dynamodb"), "CircuitsTable", "bank")
        self._stock_up()
        self._connect(monkeypatch)

    def place(self, asked: Asked) -> None:
        answer = self.call(place_order, "POST", "/orders", asked.body, {"Idempotency-Key": asked.key})
        self.answers.setdefault(asked.key, []).append(answer)

    def cancel(self, order_id: str) -> None:
        self.call(cancel_order, "DELETE", f"/orders/{order_id}")

    def sweep(self) -> None:
        """The schedules of a minute."""
        expired_holds.handler({}, context(seconds=60))
        overdue_orders.handler({"id": f"tick-{WorldTime.moment.isoformat()}"}, context(seconds=60))

    def reconcile(self) -> None:
        """When all has rested: the provider's books against ours, then ours against theirs, a page each.

        While the provider is down the machine tries again, or fails; then it is the next night's.
        """
        WorldTime.advance(RESTED)
        so_far = Reconciled(START, WorldTime.moment - RESTED)
        books, differences = StripeBooks(self.stripe), LoggedDifferences()
        reconciliation = Reconciliation(
            payments_bootstrap.payments(), self.provider(), books, differences, utc_now
        )
        with suppress(*OUTAGES):
            so_far = reconciliation.compare_provider(so_far)
            so_far = reconciliation.compare_payments(so_far)
        self.seen["healed"] += so_far.healed

    def await_provider(self) -> None:
        """Until its circuit lets one try."""
        if (retry_at := self._circuits.get().retry_at) and retry_at > WorldTime.moment:
            WorldTime.advance(retry_at - WorldTime.moment)

    def provider(self) -> Provider:
        return GuardedProvider(super().provider(), self._circuits, self._circuit, utc_now)

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
            transact(aws.client("dynamodb"), [put_over("StockTable", first, "pk", 0)])

    def _connect(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connect(monkeypatch, orders_bootstrap, inventory_bootstrap)
        monkeypatch.setattr(inventory_bootstrap, "pause", lambda _: None)
