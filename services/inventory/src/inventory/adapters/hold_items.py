"""Holds as items of the table: ORDER#{id}  HOLD. While HELD, `listing` puts it in the index by time."""

from datetime import datetime
from typing import Any

from inventory.adapters.caused import Caused, cause_values
from inventory.domain.holds import HeldLine, Hold, HoldStatus, Shortage, TakingRule
from inventory.domain.levels import Place
from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.dynamodb import Row

HELD_LISTING = "HELD"


def hold_key(order_id: str) -> dict[str, Any]:
    return {"pk": f"ORDER#{order_id}", "sk": "HOLD"}


class LineItem(Row):
    product_id: str
    location: str
    quantity: int


class ShortageItem(Row):
    product_id: str
    wanted: int
    available: int


class HoldItem(Caused):
    order_id: str
    status: HoldStatus
    lines: tuple[LineItem, ...]
    expires_at: datetime | None = None
    rejection: str | None = None
    shortages: tuple[ShortageItem, ...]
    rule: TakingRule | None = None
    version: int

    def to_hold(self) -> Hold:
        return Hold(
            order_id=self.order_id,
            status=self.status,
            cause=self.to_cause(),
            lines=tuple(
                HeldLine(Place(line.product_id, line.location), line.quantity) for line in self.lines
            ),
            expires_at=self.expires_at,
            reason=self.rejection,
            shortages=tuple(Shortage(**shortage.model_dump()) for shortage in self.shortages),
            rule=self.rule,
            version=self.version,
        )


def hold_values(hold: Hold) -> dict[str, Any]:
    expires_at = to_iso(hold.expires_at) if hold.expires_at else None
    held = hold.status == HoldStatus.HELD
    return hold_key(hold.order_id) | {
        "kind": "HOLD",
        "order_id": hold.order_id,
        "status": hold.status,
        "lines": [
            {"product_id": line.place.product_id, "location": line.place.location, "quantity": line.quantity}
            for line in hold.lines
        ],
        "expires_at": expires_at,
        "rejection": hold.reason,
        "shortages": [
            {"product_id": short.product_id, "wanted": short.wanted, "available": short.available}
            for short in hold.shortages
        ],
        "rule": hold.rule,
        "version": hold.version,
        "listing": HELD_LISTING if held else None,
        "listed_at": expires_at if held else None,
        **cause_values(hold.cause),
    }
