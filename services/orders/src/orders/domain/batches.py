"""A partner's batch of orders, and what became of each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jetbridge.kernel.errors import NotFound

MAX_ORDERS = 100


class BatchStatus(StrEnum):
    """Of a batch: REFUSED if it could not be read at all. Of one order: PLACED or REFUSED."""

    WAITING = "WAITING"
    PLACED = "PLACED"
    REFUSED = "REFUSED"
    SETTLED = "SETTLED"


class BatchNotFound(NotFound):
    code = "batch_not_found"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order: it was placed as `order_id`, or refused with `problem` (JSON, RFC 9457)."""

    request_token: str | None
    order_id: str | None = None
    problem: str | None = None

    @property
    def status(self) -> BatchStatus:
        return BatchStatus.PLACED if self.order_id else BatchStatus.REFUSED


@dataclass(frozen=True, slots=True)
class Batch:
    """`size` orders; `outcomes` are of those that are settled, by position from 0.

    `problem` says why a batch of no readable orders was refused whole.
    """

    batch_id: str
    customer_id: str
    received_at: datetime
    size: int
    problem: str | None = None
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)

    @property
    def waiting(self) -> list[int]:
        return [position for position in range(self.size) if position not in self.outcomes]

    @property
    def status(self) -> BatchStatus:
        if self.problem:
            return BatchStatus.REFUSED
        return BatchStatus.WAITING if self.waiting else BatchStatus.SETTLED
