"""The world of the matrix: an embedded AWS with what bookings has there, and what happened in it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bookings.adapters.bookings import DynamoBookings
from bookings.adapters.flights import DynamoFlights
from bookings.adapters.groups import DynamoGroups
from bookings.adapters.step_functions import (
    StepFunctionsGroupSaga,
    StepFunctionsSaga,
    StepFunctionsUndoing,
    StepFunctionsWaitingSaga,
)
from bookings.use_cases.pending import Ways, pursue_pending
from checks.templates import ROOT
from sandbox.emulator import Emulator
from tests.fakes.deadlines import always
from tests.matrix.account import Account
from tests.matrix.cells import COMPENSATE, GROUP, PROCESS
from tests.matrix.money import Money
from tests.matrix.partner import Partner

QUIET_SECONDS = 2


class World:
    """Everything that the cells share; each cell has a flight and a booking of its own."""

    def __init__(self, emulator: Emulator) -> None:
        self.account = Account(emulator.url)
        self.client = self.account.client
        self.bookings = DynamoBookings(self.client("dynamodb"), "BookingsTable")
        self.flights = DynamoFlights(self.client("dynamodb"), "FlightsTable")
        self.groups = DynamoGroups(self.client("dynamodb"), "GroupsTable", "BookingsTable")
        self.money = Money(self.bookings, StepFunctionsWaitingSaga(self.client("stepfunctions")))
        self.partner = Partner(self.client("dynamodb"))
        self._told: dict[str, Any] = {}
        self._last_record = time.monotonic()

    def warm(self, workers: int) -> None:
        """As many functions at once as will run at once, so that none is late for want of a start."""
        event = json.dumps({"state": "warm", "attempt": 0, "resource": ""})
        calls = [
            threading.Thread(
                target=lambda: self.client("lambda").invoke(FunctionName="stand-in", Payload=event)
            )
            for _ in range(workers)
        ]
        for call in calls:
            call.start()
        for call in calls:
            call.join()

    @cached_property
    def _stream(self) -> str:
        table = self.client("dynamodb").describe_table(TableName="BookingsTable")["Table"]
        return str(table["LatestStreamArn"])

    def follow_money(self, ended: threading.Event) -> None:
        """Until `ended`: what the stream tells reaches payments, in order."""
        streams = self.client("dynamodbstreams")
        shards = streams.describe_stream(StreamArn=self._stream)["StreamDescription"]["Shards"]
        following = [
            streams.get_shard_iterator(
                StreamArn=self._stream, ShardId=it["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for it in shards
        ]
        while not ended.is_set():
            for index, iterator in enumerate(following):
                found = streams.get_records(ShardIterator=iterator)
                following[index] = found["NextShardIterator"]
                for record in found["Records"]:
                    self._last_record = time.monotonic()
                    moment = record["dynamodb"].pop("ApproximateCreationDateTime")
                    record["dynamodb"]["ApproximateCreationDateTime"] = moment.timestamp()
                    self.money.follow(record)
            time.sleep(0.05)

    def wait_until_quiet(self) -> None:
        while time.monotonic() < self._last_record + QUIET_SECONDS:
            time.sleep(0.1)

    def execute(self, machine: str, faulty: frozenset[str], name: str, given: dict[str, Any]) -> Any:
        """Run an execution to its end, and let what is late take effect then."""
        seen = self.run(machine, faulty, name, given)
        self.let_late_calls_come(seen["executionArn"])
        return seen

    def run(self, machine: str, faulty: frozenset[str], name: str, given: dict[str, Any]) -> Any:
        states = self.client("stepfunctions")
        execution = states.start_execution(
            stateMachineArn=self.account.machine(machine, faulty), name=name, input=json.dumps(given)
        )["executionArn"]
        while (seen := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            time.sleep(0.1)
        return seen

    def entered(self, execution: str) -> frozenset[str]:
        """The states that an execution came to: what they are for may have happened."""
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        events = [event for page in pages.paginate(executionArn=execution) for event in page["events"]]
        details = [
            event["stateEnteredEventDetails"] for event in events if "stateEnteredEventDetails" in event
        ]
        return frozenset(each["name"] for each in details)

    def let_late_calls_come(self, execution: str) -> None:
        late = self.client("dynamodb").scan(
            TableName="late-calls",
            FilterExpression="execution = :execution",
            ExpressionAttributeValues={":execution": {"S": execution}},
            ConsistentRead=True,
        )["Items"]
        for call in late:
            event = json.loads(call["event"]["S"]) | {"faults": {}}
            self.client("lambda").invoke(FunctionName="stand-in", Payload=json.dumps(event))

    def seats_held(self, flight_id: str) -> int:
        flight = self.flights.get(flight_id)
        assert flight is not None
        return flight.seat_capacity - flight.seats_available

    def has_aborted(self, machine: str, name: str) -> bool:
        """Whether an execution whose name begins so was stopped."""
        arn = self.account.machine(machine, frozenset())
        pages = self.client("stepfunctions").get_paginator("list_executions")
        aborted = pages.paginate(stateMachineArn=arn, statusFilter="ABORTED")
        return any(it["name"].startswith(name) for page in aborted for it in page["executions"])

    def sweep(self, moment: datetime, faults: dict[str, Any] | None = None) -> None:
        """As the schedule does every minute. `faults` are those of what it starts."""
        states: Any = _Faulty(self.client("stepfunctions"), faults or {})
        saga, group_saga, undoing = (
            self.account.machine(name, frozenset()) for name in (PROCESS, GROUP, COMPENSATE)
        )
        ways = Ways(
            self.groups,
            StepFunctionsSaga(states, saga),
            StepFunctionsGroupSaga(states, group_saga),
            StepFunctionsUndoing(states, undoing),
        )
        limit = timedelta(minutes=3)
        pursue_pending(moment=moment, limit=limit, going_on=always, bookings=self.bookings, ways=ways)

    def settle_group(self, group_id: str) -> None:
        """As a person does who finds it in the dead-letter queue."""
        task = {"group_id": group_id, "correlation_id": group_id, "causation_id": "person"}
        event = {"state": "Settle Group", "resource": "arn:aws:states:::lambda:invoke", "payload": task}
        self.client("lambda").invoke(FunctionName="stand-in", Payload=json.dumps(event))

    def told(self) -> dict[str, Any]:
        """What needs a person: by booking or group, the compensations that are missing."""
        queues, told = self.client("sqs"), self._told
        while found := queues.receive_message(QueueUrl=self.account.dlq, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in found:
                body = json.loads(message["Body"])
                told[_whose(body)] = body["missing"]
                queues.delete_message(QueueUrl=self.account.dlq, ReceiptHandle=message["ReceiptHandle"])
        return told


class _Faulty:
    """A client for Step Functions that starts what fails as the cells say."""

    def __init__(self, client: Any, faults: dict[str, Any]) -> None:
        self._client, self._faults = client, faults
        self.exceptions = client.exceptions

    def start_execution(self, **request: Any) -> Any:
        given = json.dumps(json.loads(request["input"]) | {"faults": self._faults})
        return self._client.start_execution(**request | {"input": given})


def _whose(letter: dict[str, Any]) -> str:
    return str(letter["group"]["group_id"] if "group" in letter else letter["booking"]["booking_id"])


@contextmanager
def world(port: int, workers: int) -> Iterator[World]:
    """An embedded AWS on `port`, payments that follow, and everything stopped at the end."""
    emulator = Emulator(port, ROOT / ".local/matrix")
    emulator.start()
    ended = threading.Event()
    try:
        made = World(emulator)
        made.warm(workers)
        payments = threading.Thread(target=made.follow_money, args=(ended,), daemon=True)
        payments.start()
        yield made
        ended.set()
        payments.join()
    finally:
        ended.set()
        emulator.stop()
