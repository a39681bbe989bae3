"""Bugs to plant into inventory: mistakes that such systems have. They live here, never in the product."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from inventory.adapters import dynamo_stock
from inventory.adapters.dynamo_packs import DynamoPacks
from inventory.domain import counting, holds
from inventory.domain.levels import Count, Level
from jetbridge.runtime.dynamodb import put_over, transact

type Plant = Callable[[pytest.MonkeyPatch], None]


def hold_over_a_hold(patch: pytest.MonkeyPatch) -> None:
    """An order that is heard of again is held again."""
    patch.setattr(dynamo_stock, "put_over", _unconditional(put_over))


def pack_without_a_record(patch: pytest.MonkeyPatch) -> None:
    """A pack that is delivered again is written again."""
    look_up = DynamoPacks.look_up
    patch.setattr(DynamoPacks, "look_up", lambda self, pack: (None, look_up(self, pack)[1]))
    patch.setattr("inventory.adapters.dynamo_packs.put_over", _unconditional(put_over))


def accounts_added_again(patch: pytest.MonkeyPatch) -> None:
    """A pack's rows are added to its run whenever it is delivered."""

    def added(client: Any, actions: Any) -> None:
        transact(client, actions[1:])

    patch.setattr("inventory.adapters.dynamo_packs.transact", added)


def released_again(patch: pytest.MonkeyPatch) -> None:
    """A cancelled order gives its units back each time that it is told."""
    again = {holds.HoldStatus.RELEASED: Level.take_back}
    patch.setitem(holds.MOVES, holds.HoldStatus.RELEASED, again)


def expired_before_its_time(patch: pytest.MonkeyPatch) -> None:
    """A sale finds every hold expired."""
    patch.setattr(holds.Hold, "has_expired", lambda *_: True)


def entry_not_filed(patch: pytest.MonkeyPatch) -> None:
    """A level's version goes without leaving its entry in the ledger."""
    patch.setattr(dynamo_stock, "file_entries", lambda *_: None)


def one_write_after_the_other(patch: pytest.MonkeyPatch) -> None:
    """A hold and its levels are written one by one, not all or nothing."""

    def one_by_one(client: Any, actions: Any) -> None:
        for action in actions:
            transact(client, [action])

    patch.setattr("inventory.adapters.dynamo_stock.transact", one_by_one)


def older_row_wins(patch: pytest.MonkeyPatch) -> None:
    """A row is taken over whatever its date."""
    take_over = counting.take_over

    def taken(count: Count, level: Level | None, **given: Any) -> Any:
        known = level and replace(level, counted=replace(level.counted, revision=""))
        return take_over(count, known, **given)

    patch.setattr(counting, "take_over", taken)


def count_breaks_a_hold(patch: pytest.MonkeyPatch) -> None:
    """A level is what the file says, whatever is held."""
    of_count = counting._level

    def counted(count: Count, **given: Any) -> Level:
        return replace(of_count(count, **given), on_hand=count.quantity, oversold_by=0)

    patch.setattr(counting, "_level", counted)


def _unconditional(put_over: Callable[..., Any]) -> Callable[..., Any]:
    """Of holds and packs; levels keep their condition."""

    def put(table_name: str, values: Any, key: str, seen: int) -> Any:
        written = put_over(table_name, values, key, seen)
        if values["kind"] != "LEVEL":
            for unwanted in ("ConditionExpression", "ExpressionAttributeValues"):
                written["Put"].pop(unwanted, None)
        return written

    return put


# With what the invariants say of each.
BUGS: dict[Plant, str] = {
    hold_over_a_hold: "a hold has two ends|held is not what holds say|moved a level twice",
    pack_without_a_record: "a run counts a row twice",
    accounts_added_again: "a run counts a row twice",
    released_again: "an order brought units|moved a level twice",
    expired_before_its_time: "a hold expired before its time",
    entry_not_filed: "the ledger does not add up",
    one_write_after_the_other: "held is not what holds say",
    older_row_wins: "an older row came back",
    count_breaks_a_hold: "less on hand than held",
}
