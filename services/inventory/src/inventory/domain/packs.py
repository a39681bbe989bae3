"""Rows of a stock file that travel together, and what became of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from inventory.domain.counting import Verdict
from inventory.domain.levels import Cause, Count, Place
from inventory.domain.stock_file import Row
from jetbridge.kernel.clock import to_iso

PACK_WEIGHT = 12_000  # bytes of product ids at most: ten messages then always fit into one call to SQS
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
    rows: tuple[Row, ...]

    def counts(self, at: datetime) -> Iterator[tuple[Count, Cause]]:
        """The newest `revision` is by update date, then by the run's start, then by the line."""
        started = to_iso(self.started_at)
        for row in self.rows:
            revision = f"{row.update_date}/{started}/{self.import_id}/{row.line:010}"
            place = Place(row.product_id, row.location)
            cause = Cause(f"{self.import_id}:{row.line}", self.correlation_id, self.import_id, at)
            yield Count(place, row.quantity, row.update_date, revision), cause


def pack_rows(rows: Iterable[Row], rows_per_pack: int) -> Iterator[tuple[Row, ...]]:
    """Packs of so many rows; fewer where product ids are very long."""
    pack: list[Row] = []
    weight = 0
    for row in rows:
        pack.append(row)
        weight += 4 * len(row.product_id)
        if len(pack) == rows_per_pack or weight >= PACK_WEIGHT:
            yield tuple(pack)
            pack, weight = [], 0
    if pack:
        yield tuple(pack)
