"""Whatever is told twice, late, or never answered: money and units end where the orders say."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from moto import mock_aws

from jetbridge.runtime.observability import logger
from tests.integration import rollback
from tests.integration.choreography import clock
from tests.integration.choreography.bugs import BUGS, Plant
from tests.integration.choreography.machine import Choreography
from tests.integration.choreography.world import SETTINGS


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    clock.govern(monkeypatch)
    rollback.make_cheap(monkeypatch)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    logger.setLevel("CRITICAL")  # faults are what this is about
    with mock_aws():
        yield
    logger.setLevel("INFO")


def run(
    monkeypatch: pytest.MonkeyPatch, examples: int, *, faults: int, favoured: str | None = None
) -> Counter[str]:
    """The same examples every time; a failure is shown as it is, not made small. What was seen, counted."""
    seen = Counter[str]()
    given = {"monkeypatch": monkeypatch, "seen": seen, "favoured": favoured, "faults": faults}
    run_state_machine_as_test(
        type("Run", (Choreography,), given),
        settings=settings(
            max_examples=examples,
            stateful_step_count=60,
            deadline=None,
            derandomize=True,
            report_multiple_bugs=False,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
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
