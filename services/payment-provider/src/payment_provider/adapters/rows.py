"""Intents, refunds and calls as they are stored: plain values, times as text that sorts by time."""

from datetime import datetime
from typing import Any

from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.ids import random_id
from jetbridge.kernel.money import Money
from jetbridge.runtime.dynamodb import Row
from payment_provider.domain.cards import Call, Intent, Outcome, Refund

_NO_REFERENCE = "-"
EVERY_CALL = "calls"  # the one partition of the index by time: a sandbox has few calls


INTENTS = "intents"  # the one partition of the list of intents: a sandbox has few


class IntentRow(Row):
    id: str
    minor: int
    currency: str
    payment_method: str
    metadata: dict[str, str]
    created: datetime
    decline_code: str | None = None
    refunded: int
    settles_at: datetime | None = None

    def to_intent(self) -> Intent:
        values = self.model_dump(exclude={"minor", "currency"})
        return Intent(amount=Money(self.minor, self.currency), **values)


class RefundRow(Row):
    id: str
    intent_id: str
    minor: int
    currency: str
    metadata: dict[str, str]
    created: datetime

    def to_refund(self) -> Refund:
        values = self.model_dump(exclude={"minor", "currency"})
        return Refund(amount=Money(self.minor, self.currency), **values)


class CallRow(Row):
    reference: str
    at: datetime
    method: str
    path: str
    idempotency_key: str | None = None
    minor: int | None = None
    currency: str | None = None
    outcome: Outcome

    def to_call(self) -> Call:
        amount = None if self.minor is None or self.currency is None else Money(self.minor, self.currency)
        reference = None if self.reference == _NO_REFERENCE else self.reference
        values = self.model_dump(exclude={"minor", "currency", "reference"})
        return Call(reference=reference, amount=amount, **values)


def intent_row(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.id,
        "minor": intent.amount.minor,
        "currency": intent.amount.currency,
        "payment_method": intent.payment_method,
        "metadata": dict(intent.metadata),
        "created": to_iso(intent.created),
        "decline_code": intent.decline_code,
        "refunded": intent.refunded,
        "settles_at": to_iso(intent.settles_at) if intent.settles_at else None,
        "list_of": INTENTS,
        "listed": listed(intent),
    }


def refund_row(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "intent_id": refund.intent_id,
        "minor": refund.amount.minor,
        "currency": refund.amount.currency,
        "metadata": dict(refund.metadata),
        "created": to_iso(refund.created),
        "list_of": refund.intent_id,
        "listed": listed(refund),
    }


def listed(made: Intent | Refund) -> str:
    """The place in the list: by time, made unique."""
    return f"{to_iso(made.created)}#{made.id}"


def call_row(call: Call) -> dict[str, Any]:
    """`moment` is the time made unique, since two calls may come at the same microsecond."""
    return {
        "log": EVERY_CALL,
        "reference": reference_key(call.reference),
        "moment": f"{to_iso(call.at)}#{random_id()}",
        "at": to_iso(call.at),
        "method": call.method,
        "path": call.path,
        "idempotency_key": call.idempotency_key,
        "minor": call.amount.minor if call.amount else None,
        "currency": call.amount.currency if call.amount else None,
        "outcome": call.outcome,
    }


def reference_key(reference: str | None) -> str:
    return reference or _NO_REFERENCE
