"""Whatever is aborted, told twice, late or never answered: money and seats end where the bookings say."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from bookings.domain.waiting import UNDOING_TIME
from tests.integration.choreography import clock
from tests.integration.choreography.mishaps import crash
from tests.integration.examples import SAME_EACH_TIME
from tests.integration.orchestration.books import audit
from tests.integration.orchestration.bugs import BUGS, BUGS_OF_THE_SWEEP, Plant
from tests.integration.orchestration.machine import A_WHILE, Orchestration
from tests.integration.orchestration.world import UNDOING, Asked


def run(monkeypatch: pytest.MonkeyPatch, examples: int, favoured: str | None = None) -> None:
    run_state_machine_as_test(
        type("Run", (Orchestration,), {"monkeypatch": monkeypatch, "favoured": favoured}),
        settings=settings(SAME_EACH_TIME, max_examples=examples, stateful_step_count=60),
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


def cut_off(monkeypatch: pytest.MonkeyPatch, state: str, times: int) -> None:
    """A cancellation's undoing is stopped in front of `state`, and so are those that follow; nobody acts."""
    machine = type("Run", (Orchestration,), {"monkeypatch": monkeypatch})()
    world = machine.world
    world.ask(Asked("key", "/bookings", {"flightId": "far", "seats": 1}))
    machine.calm()
    (booking,) = world.items("BookingsTable")
    world.cancel(booking["booking_id"])
    for _ in range(times):
        stop_in_front_of(state, machine)
    clock.WorldTime.advance(UNDOING_TIME)
    machine.calm()
    audit(world)


def stop_in_front_of(state: str, machine: Orchestration) -> None:
    """The undoing that runs, or the next one that the sweep begins."""
    world, machines = machine.world, machine.world.machines
    for _ in range(6):
        for undoing in (it for it in machines.running if it.machine == UNDOING):
            while undoing.at != state:
                machines.advance(undoing)
            machines.stop(undoing)
            return
        clock.WorldTime.advance(A_WHILE)
        world.sweep()


@pytest.mark.parametrize("state", ["Refund Payment", "Cancel Booking", "Release Flight", "Settle Booking"])
def test_an_undoing_that_is_cut_off_again_and_again_ends_though_nobody_acts(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch, state, times=3)


@pytest.mark.parametrize("plant", BUGS_OF_THE_SWEEP, ids=lambda plant: plant.__name__)
def test_a_planted_bug_of_the_sweep_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        cut_off(monkeypatch, "Release Flight", times=2)


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    told, favoured = BUGS[plant]
    with pytest.raises(AssertionError, match=told):
        run(monkeypatch, 40, favoured)
