"""The stand-in's use cases with their ports in place."""

from dataclasses import replace
from datetime import UTC, datetime

from jetbridge.kernel.money import Money
from payment_provider.domain.cards import Call, Intent
from payment_provider.use_cases.cards import ChargeAsked, RefundAsked, create_intent, create_refund
from tests.fakes.payment_provider import InMemoryLedger

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CALL = Call(NOON, "POST", "/v1/payment_intents", "key-1", "order-1", Money(5025, "USD"))


class StandIn:
    """`slept` says how long each call was held back."""

    def __init__(self) -> None:
        self.ledger = InMemoryLedger()
        self.slept: list[float] = []

    def charge(self, method: str, key: str = "key-1") -> Intent:
        asked = ChargeAsked(key, Money(5025, "USD"), method, {"reference": "order-1"})
        call = replace(CALL, idempotency_key=key)
        return create_intent(asked, call, ledger=self.ledger, sleep=self.slept.append)

    def refund(self, intent_id: str, minor: int | None = None, key: str = "key-r") -> int:
        asked = RefundAsked(key, intent_id, minor, {})
        call = Call(NOON, "POST", "/v1/refunds", key)
        return create_refund(asked, call, ledger=self.ledger).amount.minor

    @property
    def outcomes(self) -> list[str]:
        return [call.outcome for call in self.ledger.log_book]
