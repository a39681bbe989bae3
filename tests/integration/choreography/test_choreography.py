"""Whatever is told twice, late, or never answered: money and units end where the orders say."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.choreography.account import mocked
from tests.integration.choreography.bugs import BUGS, Plant
from tests.integration.choreography.machine import Choreography
from tests.integration.choreography.world import SETTINGS
from tests.integration.examples import SAME_EACH_TIME


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mocked(monkeypatch, SETTINGS):
        yield


def run(
    monkeypatch: pytest.MonkeyPatch, examples: int, *, faults: int, favoured: str | None = None
) -> Counter[str]:
    """What was seen, counted."""
    seen = Counter[str]()
    given = {"monkeypatch": monkeypatch, "seen": seen, "favoured": favoured, "faults": faults}
    run_state_machine_as_test(
        type("Run", (Choreography,), given),
        settings=settings(SAME_EACH_TIME, max_examples=examples, stateful_step_count=60),
    )
    return seen


def test_money_and_units_end_where_the_orders_say(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = run(monkeypatch, 15, faults=1) + run(monkeypatch, 15, faults=1, favoured="answer is lost")
    assert seen["held_back"], "an open circuit was never met"
    assert seen["healed"], "nothing was ever healed by a reconciliation"


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    told, favoured = BUGS[plant]
    with pytest.raises(AssertionError, match=told):
        run(monkeypatch, 100, faults=3, favoured=favoured)
