"""Rows of stock files against levels: the newest wins, in whatever order and packs they come."""

from datetime import UTC, datetime
from itertools import batched

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.counting import Verdict, take_over_all
from inventory.domain.levels import Cause, Change, Count, Level, Place
from inventory.domain.packs import Pack
from inventory.domain.stock_file import Row

LHR = Place("lamp", "LHR")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CAUSE = Cause("import-1:2", "import-1", "import-1", NOON)


def count_rows(
    *counts: Count, levels: dict[Place, Level] | None = None
) -> tuple[list[Verdict], list[Change]]:
    return take_over_all([(count, CAUSE) for count in counts], levels or {}, threshold=0)


def a_count(quantity: int, day: int, line: int = 1) -> Count:
    return Count(LHR, quantity, f"2026-11-{day:02}", f"2026-11-{day:02}/{line:05}")


def test_a_row_makes_a_level_and_a_newer_one_replaces_it() -> None:
    verdicts, (first,) = count_rows(a_count(10, day=1))
    assert verdicts == [Verdict.WRITTEN]
    verdicts, (second,) = count_rows(a_count(7, day=2), levels={LHR: first.new})
    assert verdicts == [Verdict.WRITTEN]
    assert (second.new.on_hand, second.new.version, second.new.on_hand_change) == (7, 2, -3)


def test_an_older_row_changes_nothing() -> None:
    _, (known,) = count_rows(a_count(10, day=2))
    assert count_rows(a_count(7, day=1), levels={LHR: known.new}) == ([Verdict.STALE], [])


def test_the_very_row_that_a_level_has_changes_nothing() -> None:
    _, (known,) = count_rows(a_count(10, day=2))
    assert count_rows(a_count(10, day=2), levels={LHR: known.new}) == ([Verdict.UNCHANGED], [])


def test_the_same_row_twice_in_a_pack_is_one_level_and_counts_once() -> None:
    verdicts, changes = count_rows(a_count(10, day=1, line=1), a_count(10, day=1, line=2))
    assert verdicts == [Verdict.WRITTEN, Verdict.UNCHANGED]
    assert [change.new.on_hand for change in changes] == [10]


def test_a_row_that_comes_again_does_not_bring_back_what_was_sold() -> None:
    _, (known,) = count_rows(a_count(10, day=1, line=1))
    sold = known.new.hold(4, CAUSE).sell(4, CAUSE)
    verdicts, (change,) = count_rows(a_count(10, day=1, line=2), levels={LHR: sold})
    assert verdicts == [Verdict.UNCHANGED]
    assert (change.new.on_hand, change.new.moved_units) == (6, False)


def test_of_two_rows_of_one_day_the_later_line_wins() -> None:
    _, (change,) = count_rows(a_count(10, day=1, line=3), a_count(7, day=1, line=2))
    assert change.new.on_hand == 10


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=12).flatmap(
        lambda rows: st.permutations([a_count(*row, line) for line, row in enumerate(rows)])
    ),
    st.integers(1, 5),
)
def test_the_newest_row_wins_in_every_order_and_every_pack(counts: list[Count], size: int) -> None:
    levels: dict[Place, Level] = {}
    total = 0
    for pack in batched(counts + counts[:3], size, strict=False):
        verdicts, changes = count_rows(*pack, levels=levels)
        levels |= {change.new.place: change.new for change in changes}
        total += sum(change.new.on_hand_change for change in changes)
        assert len(verdicts) == len(pack)
    newest = max(counts, key=lambda count: count.revision)
    assert levels[LHR].on_hand == newest.quantity == total
    assert levels[LHR].counted.revision == newest.revision


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ((9, "lamp", "LHR", 1, "2026-11-20"), (2, "lamp", "LHR", 1, "2026-11-21")),
        ((9, "lamp", "LHR", 1, "2026-11-21"), (10, "lamp", "LHR", 1, "2026-11-21")),
    ],
)
def test_revisions_sort_by_date_and_then_by_line(older: Row, newer: Row) -> None:
    pack = Pack("import-1", 0, NOON, "import-1", (older, newer))
    (first, cause), (second, _) = pack.counts(NOON)
    assert first.revision < second.revision
    assert cause.reference == f"import-1:{older[0]}"


def test_revisions_of_one_date_sort_by_the_start_of_the_run() -> None:
    row = (2, "lamp", "LHR", 1, "2026-11-21")
    early, late = (
        Pack(name, 0, NOON.replace(hour=hour), name, (row,)) for name, hour in [("b", 8), ("a", 9)]
    )
    assert next(early.counts(NOON))[0].revision < next(late.counts(NOON))[0].revision
