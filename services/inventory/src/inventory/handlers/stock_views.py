"""What there is of a product, as the API shows it: to everybody, and to operators."""

from collections.abc import Sequence
from datetime import datetime

from inventory.domain.levels import Level
from jetbridge.runtime.http import Body


class LevelView(Body):
    """`updatedAt` is when the level last changed, by a file, an order or an operator."""

    location: str
    on_hand: int
    held: int
    available: int
    updated_at: datetime


class StockView(Body):
    product_id: str
    levels: tuple[LevelView, ...]
    on_hand: int
    held: int
    available: int

    @classmethod
    def of(cls, levels: Sequence[Level]) -> "StockView":
        return cls(levels=tuple(LevelView.model_validate(_level(level)) for level in levels), **_sums(levels))


class LevelDetail(LevelView):
    """`low` while less than `threshold` is available; `oversoldBy` units of what is held do not exist."""

    threshold: int
    low: bool
    oversold_by: int


class StockDetail(StockView):
    levels: tuple[LevelDetail, ...]

    @classmethod
    def of(cls, levels: Sequence[Level]) -> "StockDetail":
        details = tuple(
            LevelDetail(
                **_level(level),
                threshold=level.threshold,
                low=level.is_low,
                oversold_by=level.oversold_by,
            )
            for level in levels
        )
        return cls(levels=details, **_sums(levels))


def _level(level: Level) -> dict[str, object]:
    return {
        "location": level.place.location,
        "on_hand": level.on_hand,
        "held": level.held,
        "available": level.available,
        "updated_at": level.cause.at,
    }


def _sums(levels: Sequence[Level]) -> dict[str, object]:
    return {
        "product_id": levels[0].place.product_id,
        "on_hand": sum(level.on_hand for level in levels),
        "held": sum(level.held for level in levels),
        "available": sum(level.available for level in levels),
    }
