"""What the rows of a stock file do to levels: the newest wins, in whatever order they arrive."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from inventory.domain.levels import Cause, Change, Count, Level, Place, Reason


class Verdict(StrEnum):
    """What became of a row."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    STALE = "stale"


def take_over(
    count: Count, level: Level | None, *, threshold: int, cause: Cause
) -> tuple[Verdict, Level | None]:
    """The level as `count` says; None where a newer count was there before.

    A newer row that says the same moves the revision only, so that a row between the two stays stale and
    a file that comes again does not bring back what was sold since.
    """
    if level is None:
        first = _level(count, held=0, version=1, threshold=threshold, cause=cause)
        return Verdict.WRITTEN, Change.of(None, first).new
    same = (count.quantity, count.update_date) == (level.counted.quantity, level.counted.update_date)
    if count.revision <= level.counted.revision:
        return Verdict.UNCHANGED if same else Verdict.STALE, None
    if same:
        moved = replace(
            level,
            counted=count,
            reason=Reason.COUNT,
            cause=cause,
            version=level.version + 1,
            on_hand_change=0,
            held_change=0,
            oversold_orders=(),
        )
        return Verdict.UNCHANGED, moved
    version, decided = level.version + 1, level.threshold_version
    below = level.threshold if decided else threshold
    counted = _level(count, held=level.held, version=version, threshold=below, cause=cause)
    return Verdict.WRITTEN, Change.of(level, replace(counted, threshold_version=decided)).new


def take_over_all(
    counts: Iterable[tuple[Count, Cause]], levels: Mapping[Place, Level], *, threshold: int
) -> tuple[list[Verdict], list[Change]]:
    """Every row in turn: a verdict for each, and one change for each level that is another one now."""
    now = dict(levels)
    verdicts = []
    for count, cause in counts:
        verdict, level = take_over(count, now.get(count.place), threshold=threshold, cause=cause)
        verdicts.append(verdict)
        if level is not None:
            now[count.place] = level
    changes = [
        Change.of(levels.get(place), level) for place, level in now.items() if level is not levels.get(place)
    ]
    return verdicts, changes


def _level(count: Count, *, held: int, version: int, threshold: int, cause: Cause) -> Level:
    return Level(
        place=count.place,
        on_hand=max(count.quantity, held),
        held=held,
        counted=count,
        threshold=threshold,
        oversold_by=max(held - count.quantity, 0),
        reason=Reason.COUNT,
        cause=cause,
        version=version,
    )
