"""The stand-in's ledger in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jetbridge.kernel.errors import ConcurrentUpdate
from payment_provider.domain.cards import Call, Intent, Refund
from payment_provider.domain.transfers import Transfer


@dataclass
class InMemoryLedger:
    intents: dict[str, Intent] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    log_book: list[Call] = field(default_factory=list)

    def intent(self, intent_id: str) -> Intent | None:
        return self.intents.get(intent_id)

    def refund(self, refund_id: str) -> Refund | None:
        return self.refunds.get(refund_id)

    def add_intent(self, intent: Intent, call: Call) -> None:
        if intent.id in self.intents:
            raise ConcurrentUpdate(intent.id)
        self.intents[intent.id] = intent
        self.log_book.append(call)

    def add_refund(self, refund: Refund, intent: Intent, call: Call) -> None:
        if refund.id in self.refunds or self.intents[intent.id] != intent:
            raise ConcurrentUpdate(refund.id)
        self.refunds[refund.id] = refund
        self.intents[intent.id] = replace(intent, refunded=intent.refunded + refund.amount.minor)
        self.log_book.append(call)

    def log(self, call: Call) -> None:
        self.log_book.append(call)

    def calls(self, reference: str | None = None) -> Sequence[Call]:
        return [call for call in self.log_book if reference in (None, call.reference)]


@dataclass
class InMemoryTransfers:
    """Keeps its calls in the log of `ledger`, as the table does."""

    ledger: InMemoryLedger
    kept: dict[str, Transfer] = field(default_factory=dict)

    def get(self, reference: str) -> Transfer | None:
        return self.kept.get(reference)

    def save(self, transfer: Transfer, call: Call) -> None:
        seen = self.kept.get(transfer.reference)
        if transfer.version != (seen.version if seen else 0) + 1:
            raise ConcurrentUpdate(transfer.reference)
        self.kept[transfer.reference] = transfer
        self.ledger.log(call)
