"""Bugs to plant: each a mistake that such systems really have. They live here, never in the product."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from inventory.domain import holds
from inventory.domain.levels import Level
from jetbridge.contracts import envelope
from jetbridge.runtime.dynamodb import to_item
from orders.adapters.dynamodb import DynamoOrders, row_of
from orders.domain.moves import MOVES, Fact, OrderStatus
from payments.adapters.stripe import StripeClient
from payments.use_cases import payments as use_cases

type Plant = Callable[[pytest.MonkeyPatch], None]


def unconditional_status_write(patch: pytest.MonkeyPatch) -> None:
    """An order is written over whatever was written since it was read."""

    def save(self: Any, order: Any) -> None:
        self._client.put_item(TableName=self._table_name, Item=to_item(row_of(order)))

    patch.setattr(DynamoOrders, "save", save)


def random_event_id(patch: pytest.MonkeyPatch) -> None:
    """A change that is told twice is two events."""
    patch.setattr(envelope, "event_id", lambda *_: str(uuid4()))


def release_without_a_hold_check(patch: pytest.MonkeyPatch) -> None:
    """A cancelled order gives its units back each time that it is told."""
    again = {holds.HoldStatus.RELEASED: Level.take_back}
    patch.setitem(holds.MOVES, holds.HoldStatus.RELEASED, again)


def key_of_each_attempt(patch: pytest.MonkeyPatch) -> None:
    """The provider's idempotency key is drawn anew, so a lost answer is charged again."""
    post = StripeClient.post

    def post_anew(self: Any, path: str, _: str, fields: Any) -> Any:
        return post(self, path, str(uuid4()), fields)

    patch.setattr(StripeClient, "post", post_anew)


def capture_that_revives(patch: pytest.MonkeyPatch) -> None:
    """A capture that comes after the cancellation confirms the order all the same."""
    revived = {Fact.PAYMENT_CAPTURED: OrderStatus.CONFIRMED}
    patch.setitem(MOVES, OrderStatus.CANCELLED, revived)


def late_capture_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A charge that turns out captured after the refund was asked for counts as given back."""
    patch.setattr(use_cases, "_refunded", lambda payment, _, clock: payment.give_back(clock()))


# What the books say of each, and what should happen more often for it to show.
BUGS: dict[Plant, tuple[str, str | None]] = {
    unconditional_status_write: ("a version was written twice", "cancel"),
    random_event_id: ("one change was told as two events", "tell again"),
    release_without_a_hold_check: ("one event moved units twice", "cancel"),
    key_of_each_attempt: ("a reference was charged twice", "answer is lost"),
    capture_that_revives: ("money", "tell all"),
    late_capture_is_forgotten: ("money", "answer is lost"),
}
