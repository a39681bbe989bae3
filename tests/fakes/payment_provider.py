"""The stand-in's ledger in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from jetbridge.kernel.errors import ConcurrentUpdate
from payment_provider.domain.cards import Call, Intent, Page, Refund
from payment_provider.domain.transfers import Transfer

LAST = datetime.max.replace(tzinfo=UTC)


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

    def newest_intents(
        self,
        created_from: datetime | None,
        created_before: datetime | None,
        after: Intent | None,
        limit: int,
    ) -> Page[Intent]:
        known = [
            it
            for it in self.intents.values()
            if (created_from or it.created) <= it.created and it.created < (created_before or LAST)
        ]
        return _page(known, after, limit)

    def newest_refunds(self, intent_id: str, after: Refund | None, limit: int) -> Page[Refund]:
        return _page([it for it in self.refunds.values() if it.intent_id == intent_id], after, limit)

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


def _page[Kind: (Intent, Refund)](known: list[Kind], after: Kind | None, limit: int) -> Page[Kind]:
    newest = sorted(known, key=lambda it: (it.created, it.id), reverse=True)
    rest = newest[newest.index(after) + 1 :] if after else newest
    return Page(rest[:limit], has_more=len(rest) > limit)
