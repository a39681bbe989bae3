"""Whatever is aborted, told twice, late or never answered: money and seats end where the bookings say."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from moto import mock_aws

from jetbridge.runtime.observability import logger
from tests.integration import rollback
from tests.integration.choreography import clock
from tests.integration.choreography.mishaps import crash
from tests.integration.orchestration.books import audit
from tests.integration.orchestration.bugs import BUGS, Plant
from tests.integration.orchestration.machine import Orchestration
from tests.integration.orchestration.world import SETTINGS, Asked


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    clock.govern(monkeypatch)
    rollback.make_cheap(monkeypatch)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    logger.setLevel("CRITICAL")  # faults are what this is about
    with mock_aws():
        yield
    logger.setLevel("INFO")


def run(monkeypatch: pytest.MonkeyPatch, examples: int, favoured: str | None = None) -> None:
    """The same examples every time; a failure is shown as it is, not made small."""
    machine = type("Run", (Orchestration,), {"monkeypatch": monkeypatch, "favoured": favoured})
    run_state_machine_as_test(
        machine,
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


def test_money_and_seats_end_where_the_bookings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, examples=6)


@pytest.mark.parametrize("due", range(1, 6))
def test_a_cancellation_that_is_cut_off_ends_though_nobody_asks_again(
    due: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before or after any of its writes; what it had not written yet, it has not done."""
    machine = type("Run", (Orchestration,), {"monkeypatch": monkeypatch})()
    world = machine.world
    world.ask(Asked("key", "/bookings", {"flightId": "far", "seats": 1}))
    machine.calm()
    (booking,) = world.items("BookingsTable")
    world.attempt(lambda: world.cancel(booking["booking_id"]), due, crash)
    machine.calm()
    audit(world)
    (ended,) = world.items("BookingsTable")
    assert ended["status"] == ("CONFIRMED" if due == 1 else "CANCELLED")


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    told, favoured = BUGS[plant]
    with pytest.raises(AssertionError, match=told):
        run(monkeypatch, 40, favoured)
