"""A new version of the saga is deployed while bookings wait for their payment."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.api import expect, wait_for
from sandbox.deployment import Deployment
from sandbox.outputs import Outputs
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e


@pytest.fixture
def states(deployment: Deployment) -> Any:
    return deployment.client("stepfunctions")


@pytest.fixture
def machine(states: Any, application: Outputs) -> Iterator[str]:
    """The saga's state machine, which afterwards is again what it was."""
    arn = application.stacks["Bookings"]["ProcessBookingArn"]
    alias = states.describe_state_machine_alias(stateMachineAliasArn=f"{arn}:live")
    definition = states.describe_state_machine(stateMachineArn=arn)["definition"]
    yield arn
    routing = alias["routingConfiguration"]
    states.update_state_machine_alias(stateMachineAliasArn=f"{arn}:live", routingConfiguration=routing)
    states.update_state_machine(stateMachineArn=arn, definition=definition)


def deploy_changed(states: Any, machine: str) -> int:
    """As a deploy does it: the definition, a version of it, which is returned, then the alias."""
    definition = json.loads(states.describe_state_machine(stateMachineArn=machine)["definition"])
    definition["States"]["Booking Confirmed"] = {"Type": "Pass", "Next": "Booking Told"}
    definition["States"]["Booking Told"] = {"Type": "Succeed"}
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    version = states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    states.update_state_machine_alias(
        stateMachineAliasArn=f"{machine}:live",
        routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}],
    )
    return int(version.rpartition(":")[2])


def last_state_of(states: Any, machine: str, booking: str) -> str:
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{booking}"
    ended = wait_for(
        lambda: states.describe_execution(executionArn=execution),
        lambda seen: seen["status"] != "RUNNING",
        seconds=30,
    )
    assert ended["status"] == "SUCCEEDED"
    history = states.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    entered = [it["stateEnteredEventDetails"]["name"] for it in history if "stateEnteredEventDetails" in it]
    return str(entered[-1])


def test_a_booking_under_way_ends_by_the_version_that_it_began_with(
    clients: Clients, states: Any, machine: str
) -> None:
    flight = clients.flight(2)
    before = clients.book(flight, 1, "pm_test_slow")
    waiting = wait_for(
        lambda: expect(200, clients.as_customer("GET", "bookings", f"/bookings/{before}"))["status"],
        lambda status: status == "AWAITING_PAYMENT",
        seconds=30,
    )
    assert waiting == "AWAITING_PAYMENT"
    made = deploy_changed(states, machine)
    after = clients.book(flight, 1)

    assert [clients.booking(each)["status"] for each in (before, after)] == ["CONFIRMED", "CONFIRMED"]
    versions = [
        expect(200, clients.as_operator("GET", "bookings", f"/bookings/{each}"))["sagaVersion"]
        for each in (before, after)
    ]
    assert versions == [made - 1, made]
    assert last_state_of(states, machine, before) == "Booking Confirmed"
    assert last_state_of(states, machine, after) == "Booking Told"
