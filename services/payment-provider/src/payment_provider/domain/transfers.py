"""What the stand-in knows of airport transfers: asked for, and settled later, as the pickup's name says."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class TransferStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Pickup:
    """How a pickup behaves: it is settled when asked about for the `settled_at`-th time."""

    settled_at: int = 2
    as_: TransferStatus = TransferStatus.CONFIRMED
    loses_answer: bool = False
    cancel_errors: bool = False


PICKUPS: Mapping[str, Pickup] = {
    "test_at_once": Pickup(settled_at=1),
    "test_slow": Pickup(settled_at=5),
    "test_never": Pickup(settled_at=sys.maxsize),
    "test_failure": Pickup(as_=TransferStatus.FAILED),
    "test_answer_lost": Pickup(loses_answer=True),
    "test_cancel_error": Pickup(cancel_errors=True),
}


@dataclass(frozen=True, slots=True)
class Transfer:
    """`reference` is the client's own id for it; `asked` counts the questions, `version` the changes."""

    reference: str
    pickup: str
    status: TransferStatus = TransferStatus.PENDING
    asked: int = 0
    version: int = 0

    @property
    def behaviour(self) -> Pickup:
        return PICKUPS.get(self.pickup, Pickup())

    def ask(self) -> "Transfer":
        """The next answer; what is settled or cancelled stays so."""
        if self.status is not TransferStatus.PENDING:
            return self
        asked = self.asked + 1
        status = self.behaviour.as_ if asked >= self.behaviour.settled_at else self.status
        return replace(self, asked=asked, status=status, version=self.version + 1)

    def cancel(self) -> "Transfer":
        if self.status is TransferStatus.CANCELLED:
            return self
        return replace(self, status=TransferStatus.CANCELLED, version=self.version + 1)
