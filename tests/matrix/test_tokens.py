"""The task token and the real machine: used twice, of an execution that is gone, told before it is stored."""

import json
from uuid import uuid4

import pytest

from bookings.adapters.step_functions import StepFunctionsWaitingSaga
from bookings.domain.bookings import Booking, BookingStatus
from bookings.domain.payments import Payment
from bookings.use_cases.saga import Cause, hear_payment
from jetbridge.kernel.clock import utc_now
from sandbox.api import wait_for
from tests.fakes.bookings import booking, flight
from tests.matrix.cells import PROCESS
from tests.matrix.world import World

pytestmark = pytest.mark.e2e

END_SECONDS = 30


@pytest.fixture
def waiting(on_aws: World) -> StepFunctionsWaitingSaga:
    return StepFunctionsWaitingSaga(on_aws.client("stepfunctions"))


def start(world: World, **changes: object) -> tuple[str, str]:
    """A booking's id and its execution."""
    name = uuid4().hex
    world.flights.add(flight(flight_id=name, seat_capacity=3, seats_available=3))
    world.bookings.add(booking(**{"booking_id": name, "flight_id": name, "seats": 1} | changes))
    wish = {"booking_id": name, "flight_id": name, "seats": 1, "correlation_id": name, "faults": {}}
    machine = world.account.machine(PROCESS, frozenset())
    started = world.client("stepfunctions").start_execution(
        stateMachineArn=machine, name=name, input=json.dumps(wish)
    )
    return name, started["executionArn"]


def ended(world: World, execution: str) -> str:
    states = world.client("stepfunctions")
    return wait_for(
        lambda: str(states.describe_execution(executionArn=execution)["status"]),
        lambda status: status != "RUNNING",
        seconds=END_SECONDS,
    )


def found(world: World, name: str) -> Booking:
    stored = world.bookings.get(name)
    assert stored is not None
    return stored


def test_a_token_is_used_once(on_aws: World, waiting: StepFunctionsWaitingSaga) -> None:
    name, execution = start(on_aws)
    assert ended(on_aws, execution) == "SUCCEEDED"
    token = found(on_aws, name).task_token
    assert token is not None
    assert not waiting.resume(token)
    assert not waiting.decline(token, "too late")
    assert found(on_aws, name).status is BookingStatus.CONFIRMED


def test_a_payment_of_an_execution_that_is_gone_is_written_down_and_wakes_nobody(
    on_aws: World, waiting: StepFunctionsWaitingSaga, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_aws.money, "follow", lambda _: None)
    name, execution = start(on_aws)
    assert wait_for(lambda: found(on_aws, name).task_token, bool, seconds=END_SECONDS)
    on_aws.client("stepfunctions").stop_execution(executionArn=execution)
    heard = hear_payment(
        Cause(name, "event-1"),
        Payment.CAPTURED,
        "",
        bookings=on_aws.bookings,
        waiting=waiting,
        clock=utc_now,
    )
    assert heard.payment is Payment.CAPTURED
    assert ended(on_aws, execution) == "ABORTED"


def test_a_payment_that_is_known_before_the_token_is_stored_takes_the_booking_on(on_aws: World) -> None:
    name, execution = start(on_aws, payment=Payment.CAPTURED)
    assert ended(on_aws, execution) == "SUCCEEDED"
    assert found(on_aws, name).status is BookingStatus.CONFIRMED
