"""The ledger: every version of a level that moved units. What was, adds up to what is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from inventory.domain.levels import Cause, Level, Place, Reason


@dataclass(frozen=True, slots=True)
class Entry:
    """Why and by whom how much was moved, and what it came to."""

    place: Place
    reason: Reason
    cause: Cause
    on_hand_change: int
    held_change: int
    on_hand: int
    held: int
    version: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A level that is not what its ledger adds up to."""

    place: Place
    on_hand: int
    held: int
    ledger_on_hand: int
    ledger_held: int


def difference(level: Level, entries: Iterable[Entry]) -> Difference | None:
    """None if the entries up to the level's version add up to it."""
    on_hand = held = 0
    for entry in entries:
        on_hand += entry.on_hand_change
        held += entry.held_change
    if (on_hand, held) == (level.on_hand, level.held):
        return None
    return Difference(level.place, level.on_hand, level.held, on_hand, held)


def holders(level: Level, entries: Iterable[Entry]) -> list[str]:
    """The orders that hold units of the level. `entries` come newest first; no more are taken than needed."""
    held: Counter[str] = Counter()
    for entry in entries:
        held[entry.cause.reference] += entry.held_change
        if sum(quantity for quantity in held.values() if quantity > 0) >= level.held:
            break
    return sorted(order_id for order_id, quantity in held.items() if quantity > 0)
