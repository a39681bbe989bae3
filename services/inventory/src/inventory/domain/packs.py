"""Rows of a stock file that travel together, and what became of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.domain.counting import Verdict
from inventory.domain.levels import Cause, Count, Place
from inventory.domain.stock_file import Row
from jetbridge.kernel.clock import to_iso

MAX_ROWS_PER_MESSAGE = 99  # a level each, and the pack itself: one transaction of 100 actions


@dataclass(frozen=True, slots=True)
class Accounts:
    """What became of the rows that were sent."""

    written: int = 0
    unchanged: int = 0
    stale: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> "Accounts":
        told = list(verdicts)
        return cls(*(told.count(verdict) for verdict in Verdict))

    @property
    def rows(self) -> int:
        return self.written + self.unchanged + self.stale


@dataclass(frozen=True, slots=True)
class Pack:
    """Rows that travel together. The same file gives the same packs, however often it is read."""

    import_id: str
    number: int
    started_at: datetime
    correlation_id: str
    rows: Sequence[Row]

    def counts(self, at: datetime) -> Iterator[tuple[Count, Cause]]:
        """The newest `revision` is by update date, then by the run's start, then by the line."""
        started = to_iso(self.started_at)
        for line, product_id, location, quantity, update_date in self.rows:
            revision = f"{update_date}/{started}/{self.import_id}/{line:010}"
            cause = Cause(f"{self.import_id}:{line}", self.correlation_id, self.import_id, at)
            yield Count(Place(product_id, location), quantity, update_date, revision), cause

    def places(self) -> set[Place]:
        return {Place(product_id, location) for _, product_id, location, _, _ in self.rows}
