"""What is set aside for an order: every line or none, until it is sold, given back, or too late."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from inventory.domain.levels import Cause, Change, InsufficientStock, Level, Place
from jetbridge.kernel.errors import DomainError

MAX_LINES = 99  # a transaction has at most 100 actions: the hold, and for each line its level


class HoldStatus(StrEnum):
    HELD = "HELD"
    SOLD = "SOLD"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


class TakingRule(StrEnum):
    """Where a product is taken from first. After that, and among equals by name: where most is available."""

    MOST_STOCK_FIRST = "most-stock-first"
    PREFERRED_LOCATION_FIRST = "preferred-location-first"


type Settle = Callable[[Level, int, Cause], Level]

# Every allowed move, with what it does to the levels. A move that is not listed came late or twice.
MOVES: dict[HoldStatus, dict[HoldStatus, Settle]] = {
    HoldStatus.HELD: {
        HoldStatus.SOLD: Level.sell,
        HoldStatus.RELEASED: Level.release,
        HoldStatus.EXPIRED: Level.expire,
    },
    HoldStatus.SOLD: {HoldStatus.RELEASED: Level.take_back},  # cancelled after it was paid
    HoldStatus.RELEASED: {},
    HoldStatus.EXPIRED: {},
    HoldStatus.REJECTED: {},
}


class TooManyLines(DomainError):
    code = "too_many_lines"


@dataclass(frozen=True, slots=True)
class Shortage:
    product_id: str
    wanted: int
    available: int


class StockShort(InsufficientStock):
    """Names everything that is missing, not only the first."""

    def __init__(self, shortages: tuple[Shortage, ...]) -> None:
        super().__init__(", ".join(shortage.product_id for shortage in shortages))
        self.shortages = shortages


@dataclass(frozen=True, slots=True)
class HeldLine:
    place: Place
    quantity: int


@dataclass(frozen=True, slots=True)
class Hold:
    """`expires_at` stands for HELD; `reason` and `shortages` say why an order was REJECTED.

    `rule` is how the places of the lines were chosen.
    A hold that begins as RELEASED is a tombstone: the order was cancelled before it was heard of.
    """

    order_id: str
    status: HoldStatus
    cause: Cause
    lines: tuple[HeldLine, ...] = ()
    expires_at: datetime | None = None
    reason: str | None = None
    shortages: tuple[Shortage, ...] = ()
    rule: TakingRule | None = None
    version: int = 1

    def has_expired(self, moment: datetime) -> bool:
        return self.expires_at is not None and moment >= self.expires_at

    def move(
        self, status: HoldStatus, levels: Mapping[Place, Level], cause: Cause
    ) -> tuple["Hold", list[Change]]:
        """The hold in its next status, and what that does to the levels. Only for a move of MOVES."""
        settle = MOVES[self.status][status]
        changes = [
            Change(levels[line.place], settle(levels[line.place], line.quantity, cause))
            for line in self.lines
        ]
        return replace(self, status=status, cause=cause, version=self.version + 1), changes


def merge(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Quantities per product. Raises TooManyLines."""
    wanted: Counter[str] = Counter()
    for product_id, quantity in lines:
        wanted[product_id] += quantity
    if len(wanted) > MAX_LINES:
        raise TooManyLines(f"at most {MAX_LINES} different products can be held for one order")
    return dict(wanted)


def plan(
    wanted: Mapping[str, int], levels: Mapping[str, Sequence[Level]], preferred: str | None = None
) -> list[HeldLine]:
    """Where each product is taken from: `preferred` first, then the place with most available.

    Raises StockShort when it is not enough, TooManyLines when it lies in more places than MAX_LINES.
    """
    shortages = tuple(
        Shortage(product_id, quantity, available)
        for product_id, quantity in wanted.items()
        if (available := sum(level.available for level in levels[product_id])) < quantity
    )
    if shortages:
        raise StockShort(shortages)
    lines = [
        line
        for product_id, quantity in wanted.items()
        for line in _take(quantity, levels[product_id], preferred)
    ]
    if len(lines) > MAX_LINES:
        raise TooManyLines(f"the order takes from more than {MAX_LINES} places")
    return lines


def _take(quantity: int, levels: Sequence[Level], preferred: str | None) -> Iterable[HeldLine]:
    def turn(level: Level) -> tuple[bool, int, str]:
        return level.place.location != preferred, -level.available, level.place.location

    for level in sorted(levels, key=turn):
        if taken := min(quantity, level.available):
            yield HeldLine(level.place, taken)
            quantity -= taken
