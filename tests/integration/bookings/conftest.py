"""The bookings service in a mocked account: its tables and queues, and its functions' environment."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from bookings import bootstrap
from bookings.adapters.bookings import DynamoBookings
from bookings.adapters.flights import DynamoFlights
from jetbridge.runtime import aws
from tests.fakes.bookings import FakeWaitingSaga
from tests.integration.tables import make_table

ROLE = "arn:aws:iam::123456789012:role/saga"


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mock_aws():
        machine = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
        states = boto3.client("stepfunctions")
        saga = states.create_state_machine(name="saga", definition=json.dumps(machine), roleArn=ROLE)
        queue = boto3.client("sqs").create_queue(
            QueueName="dead-letters.fifo", Attributes={"FifoQueue": "true"}
        )
        environment = {
            "ALLOW_ORIGIN": "*",
            "BOOKINGS_TABLE_NAME": make_table("bookings", "BookingsTable"),
            "CURRENCY": "USD",
            "DEAD_LETTERS_URL": queue["QueueUrl"],
            "DEFAULT_PAYMENT_METHOD": "pm_card_visa",
            "FLIGHTS_TABLE_NAME": make_table("bookings", "FlightsTable"),
            "GROUP_SAGA_ARN": saga["stateMachineArn"],
            "GROUPS_TABLE_NAME": make_table("bookings", "GroupsTable"),
            "IDEMPOTENCY_HOURS": "24",
            "IDEMPOTENCY_TABLE_NAME": make_table("bookings", "IdempotencyTable"),
            "PENDING_LIMIT_SECONDS": "180",
            "REFUND_RULES": "168:100,24:50,0:0",
            "SAGA_ARN": saga["stateMachineArn"],
            "UNDOING_ARN": saga["stateMachineArn"],
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.fixture
def bookings(_account: None) -> DynamoBookings:
    return DynamoBookings(aws.client("dynamodb"), "BookingsTable")


@pytest.fixture
def flights(_account: None) -> DynamoFlights:
    return DynamoFlights(aws.client("dynamodb"), "FlightsTable")


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> FakeWaitingSaga:
    """moto runs no JSONata machine: what waits is in memory."""
    fake = FakeWaitingSaga()
    monkeypatch.setattr(bootstrap, "waiting_saga", lambda: fake)
    return fake
