"""Levels and ledger entries as items of the table.

PRODUCT#{id}  LEVEL#{location}               a level, which is also the newest entry of its ledger
PRODUCT#{id}  LEDGER#{location}#{version}    that entry, filed before the next version takes the level's place
"""

from typing import Any
from zlib import crc32

from inventory.adapters.caused import Caused, cause_values
from inventory.domain.ledger import Entry
from inventory.domain.levels import Count, Level, Place, Reason
from inventory.ports import SHARDS
from jetbridge.kernel.ids import stable_id

_LONGEST_LISTED = 900  # bytes


def shard_listing(shard: int) -> str:
    return f"LEVELS#{shard:02}"


def ledger_sort_key(place: Place, version: int) -> str:
    return f"LEDGER#{place.location}#{version:012}"


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
    on_hand_change: int = 0
    held_change: int = 0
    oversold_orders: tuple[str, ...] = ()
    threshold_version: int = 0

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
            on_hand_change=self.on_hand_change,
            held_change=self.held_change,
            oversold_orders=self.oversold_orders,
            threshold_version=self.threshold_version,
        )


class EntryItem(Caused):
    product_id: str
    location: str
    reason: Reason
    on_hand_change: int
    held_change: int
    on_hand: int
    held: int
    version: int

    def to_entry(self) -> Entry:
        return Entry(
            Place(self.product_id, self.location),
            self.reason,
            self.to_cause(),
            self.on_hand_change,
            self.held_change,
            self.on_hand,
            self.held,
            self.version,
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
        "threshold_version": level.threshold_version,
        "oversold_by": level.oversold_by,
        "counted": level.counted.quantity,
        "update_date": level.counted.update_date,
        "revision": level.counted.revision,
        "reason": level.reason,
        "version": level.version,
        "on_hand_change": level.on_hand_change,
        "held_change": level.held_change,
        "oversold": bool(level.oversold_orders),
        "oversold_orders": [*level.oversold_orders] or None,
        "listing": shard_listing(crc32(level.place.product_id.encode()) % SHARDS),
        "listed_at": _listed_at(level.place),
        **cause_values(level.cause),
    }


def _listed_at(place: Place) -> str:
    """Levels of a product follow each other: a tab is in no name, and sorts before all that may be in one.

    A very long name is told by its beginning and a digest: an index key has 1,024 bytes.
    """
    name = place.product_id
    if len(name.encode()) > _LONGEST_LISTED:
        name = f"{name[:100]}\t{stable_id(name)}"
    return f"{name}\t{place.location}"


def entry_values(level: Level) -> dict[str, Any]:
    return {
        "pk": f"PRODUCT#{level.place.product_id}",
        "sk": ledger_sort_key(level.place, level.version),
        "kind": "LEDGER",
        "product_id": level.place.product_id,
        "location": level.place.location,
        "reason": level.reason,
        "on_hand_change": level.on_hand_change,
        "held_change": level.held_change,
        "on_hand": level.on_hand,
        "held": level.held,
        "version": level.version,
        **cause_values(level.cause),
    }
