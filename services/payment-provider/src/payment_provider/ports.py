"""What the stand-in needs from the world outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from payment_provider.domain.cards import Call, Intent, Page, Refund
from payment_provider.domain.transfers import Transfer


class Ledger(Protocol):
    """What was charged and given back, and every call. Reads are of now, not of a moment ago."""

    def intent(self, intent_id: str) -> Intent | None: ...

    def refund(self, refund_id: str) -> Refund | None: ...

    def add_intent(self, intent: Intent, call: Call) -> None:
        """Write both or neither. Raises ConcurrentUpdate if the intent is there already."""

    def add_refund(self, refund: Refund, intent: Intent, call: Call) -> None:
        """Write refund and call and count the refund on its intent, all or nothing.

        Raises ConcurrentUpdate if the refund is there already, or the intent is no longer as given.
        """

    def newest_intents(
        self,
        created_from: datetime | None,
        created_before: datetime | None,
        after: Intent | None,
        limit: int,
    ) -> Page[Intent]:
        """Newest first; those of this moment may be missing yet."""

    def newest_refunds(self, intent_id: str, after: Refund | None, limit: int) -> Page[Refund]:
        """Newest first; those of this moment may be missing yet."""

    def log(self, call: Call) -> None: ...

    def calls(self, reference: str | None = None) -> Sequence[Call]:
        """The calls about a reference, or all, oldest first."""


class Transfers(Protocol):
    def get(self, reference: str) -> Transfer | None: ...

    def save(self, transfer: Transfer, call: Call) -> None:
        """Write the next version and the call, or neither. Raises ConcurrentUpdate if it was written."""
