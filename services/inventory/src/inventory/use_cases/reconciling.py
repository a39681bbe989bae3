"""Does every level add up? Asked every night, shard by shard."""

from dataclasses import asdict, dataclass
from typing import Any

from inventory.domain.ledger import difference
from inventory.ports import Ledger
from jetbridge.kernel.sweeps import GoingOn

LEVELS_A_PAGE = 100
MAX_TOLD = 20  # differences of a shard; `different` counts them all


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How far a shard is reconciled: to its end when there is no cursor."""

    shard: int
    checked: int = 0
    different: int = 0
    differences: tuple[dict[str, Any], ...] = ()
    cursor: str | None = None


def reconcile(so_far: Reconciled, *, going_on: GoingOn, ledger: Ledger) -> Reconciled:
    """The next levels of the shard, each against its ledger: a page, more in time. Raises InvalidCursor."""
    checked, cursor, found = 0, so_far.cursor, []
    while True:
        page = ledger.levels(so_far.shard, limit=LEVELS_A_PAGE, cursor=cursor)
        found += [wrong for level in page.items if (wrong := difference(level, ledger.entries(level)))]
        checked, cursor = checked + len(page.items), page.cursor
        if cursor is None or not going_on():
            break
    told = (*so_far.differences, *map(asdict, found))[:MAX_TOLD]
    different = so_far.different + len(found)
    return Reconciled(so_far.shard, so_far.checked + checked, different, told, cursor)
