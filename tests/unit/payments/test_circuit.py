"""When a provider is left alone, and when it is tried again."""

from datetime import datetime, timedelta

import pytest

from payments.domain.circuit import Circuit, CircuitRules
from tests.fakes.payments import NOON

RULES = CircuitRules(
    faults=3,
    window=timedelta(seconds=60),
    wait=timedelta(seconds=30),
    trial=timedelta(seconds=60),
)


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def failing(*seconds: int) -> Circuit:
    circuit = Circuit()
    for second in seconds:
        circuit = circuit.fail(at(second), RULES, tried=False)
    return circuit


@pytest.mark.parametrize(
    ("faults", "open_until"),
    [((0, 1), None), ((0, 1, 2), 32), ((0, 30, 60), 90), ((0, 1, 61), None), ((0, 61, 62, 63), 93)],
)
def test_it_opens_after_so_many_faults_within_the_window(
    faults: tuple[int, ...], open_until: int | None
) -> None:
    assert failing(*faults).retry_at == (None if open_until is None else at(open_until))


def test_an_answer_between_makes_the_count_begin_anew() -> None:
    circuit = failing(0, 1).close()
    assert circuit.is_at_rest
    assert circuit.fail(at(2), RULES, tried=False).retry_at is None


def test_it_refuses_until_its_time_and_while_somebody_tries() -> None:
    circuit = failing(0, 0, 0)
    assert circuit.refuses(at(29))
    assert not circuit.refuses(at(30))
    tried = circuit.try_once(at(31), RULES)
    assert tried.refuses(at(90))
    assert not tried.refuses(at(91)), "a trial that nobody heard of again is made again"


def test_it_waits_twice_as_long_after_each_trial_that_fails_up_to_what_a_queue_can_hold_back() -> None:
    circuit, waits = failing(0, 0, 0), []
    for _ in range(7):
        circuit = circuit.try_once(at(100), RULES).fail(at(100), RULES, tried=True)
        assert circuit.retry_at is not None
        waits.append((circuit.retry_at - at(100)).seconds)
    assert waits == [60, 120, 240, 480, 900, 900, 900]
    assert circuit.close().is_at_rest


def test_a_fault_of_a_call_that_began_before_it_opened_changes_nothing() -> None:
    circuit = failing(0, 0, 0)
    assert circuit.fail(at(1), RULES, tried=False) == circuit
