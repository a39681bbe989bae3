"""Levels and ledger entries as items of the table.

PRODUCT#{id}  LEVEL#{location}               a level
PRODUCT#{id}  LEDGER#{location}#{version}    the entry beside each change that moved units
"""

from typing import Any

from inventory.adapters.caused import Caused, cause_values
from inventory.domain.levels import Change, Count, Level, Place, Reason


def level_key(place: Place) -> dict[str, Any]:
    return {"pk": f"PRODUCT#{place.product_id}", "sk": f"LEVEL#{place.location}"}


class LevelItem(Caused):
    product_id: str
    location: str
    on_hand: int
    held: int
    threshold: int
    oversold_by: int
    counted: int
    update_date: str
    revision: str
    reason: Reason
    version: int

    def to_level(self) -> Level:
        place = Place(self.product_id, self.location)
        return Level(
            place=place,
            on_hand=self.on_hand,
            held=self.held,
            counted=Count(place, self.counted, self.update_date, self.revision),
            threshold=self.threshold,
            oversold_by=self.oversold_by,
            reason=self.reason,
            cause=self.to_cause(),
            version=self.version,
        )


def level_values(level: Level) -> dict[str, Any]:
    """`available` and `low` stand beside what they are made of, for filters and readers of the table."""
    return level_key(level.place) | {
        "kind": "LEVEL",
        "product_id": level.place.product_id,
        "location": level.place.location,
        "on_hand": level.on_hand,
        "held": level.held,
        "available": level.available,
        "low": level.is_low,
        "threshold": level.threshold,
        "oversold_by": level.oversold_by,
        "counted": level.counted.quantity,
        "update_date": level.counted.update_date,
        "revision": level.counted.revision,
        "reason": level.reason,
        "version": level.version,
        **cause_values(level.cause),
    }


def ledger_values(change: Change) -> dict[str, Any]:
    new = change.new
    return {
        "pk": f"PRODUCT#{new.place.product_id}",
        "sk": f"LEDGER#{new.place.location}#{new.version:012}",
        "kind": "LEDGER",
        "product_id": new.place.product_id,
        "location": new.place.location,
        "reason": new.reason,
        "on_hand_change": change.on_hand,
        "held_change": change.held,
        "on_hand": new.on_hand,
        "held": new.held,
        "version": new.version,
        **cause_values(new.cause),
    }
