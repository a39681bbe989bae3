"""Changes of levels as events."""

from typing import Any

from inventory.domain.levels import Level
from jetbridge.contracts.envelope import Envelope, tell
from jetbridge.contracts.inventory import InventoryEvent, StockOversold, StockRanLow


def of_low(level: Level) -> Envelope[Any]:
    return _tell(
        level,
        "level",
        StockRanLow(
            product_id=level.place.product_id,
            location=level.place.location,
            available=level.available,
            threshold=level.threshold,
        ),
    )


def of_oversold(level: Level) -> Envelope[Any]:
    return _tell(
        level,
        "oversold",
        StockOversold(
            product_id=level.place.product_id,
            location=level.place.location,
            counted=level.counted.quantity,
            held=level.held,
            oversold_by=level.oversold_by,
            order_ids=level.oversold_orders,
        ),
    )


def _tell(level: Level, kind: str, data: InventoryEvent) -> Envelope[Any]:
    product_id, location = level.place.product_id, level.place.location
    return tell(
        data,
        entity_id=f"{kind}/{location}/{product_id}",
        version=level.version,
        occurred_at=level.cause.at,
        correlation_id=level.cause.correlation_id,
        causation_id=level.cause.causation_id,
    )
