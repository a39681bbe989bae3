"""Bookings and payments in one account, and the state machines that move them, one step at a time."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bookings import bootstrap
from bookings.adapters import step_functions
from bookings.handlers import (
    book_group,
    book_seats,
    booking_changes,
    give_back_booking,
    pending_bookings,
    undo_booking,
)
from bookings.use_cases import flights
from checks.patterns import matches
from checks.templates import Template, service, target_of
from jetbridge.kernel.money import Money
from jetbridge.runtime import aws
from payments.handlers import payment_changes
from tests.fakes.bookings import flight
from tests.integration.choreography.account import Account
from tests.integration.choreography.clock import START
from tests.integration.orchestration.client import StatesClient
from tests.integration.orchestration.executions import Execution, Machines
from tests.integration.orchestration.language import Failure, definition, handler_of
from tests.lambda_events import OPERATOR, api_request, context

TABLES = {
    "BookingsTable": "bookings",
    "FlightsTable": "bookings",
    "GroupsTable": "bookings",
    "IdempotencyTable": "bookings",
    "PaymentsTable": "payments",
}
STREAMS = {"BookingsTable": booking_changes.handler, "PaymentsTable": payment_changes.handler}
BOOKING, GROUP, UNDOING = "ProcessBooking", "ProcessGroup", "CompensateBooking"
AWAITING = "AwaitSupplier"
SETTINGS = {
    "ALLOW_ORIGIN": "*",
    "BOOKINGS_TABLE_NAME": "BookingsTable",
    "CURRENCY": "USD",
    "DEAD_LETTERS_URL": "replaced",
    "DEFAULT_PAYMENT_METHOD": "pm_card_visa",
    "FLIGHTS_TABLE_NAME": "FlightsTable",
    "GROUP_SAGA_ARN": GROUP,
    "GROUPS_TABLE_NAME": "GroupsTable",
    "IDEMPOTENCY_HOURS": "24",
    "IDEMPOTENCY_TABLE_NAME": "IdempotencyTable",
    "PAYMENTS_TABLE_NAME": "PaymentsTable",
    "PENDING_LIMIT_SECONDS": "180",
    "QUEUE_URL": "replaced",
    "REFUND_RULES": "168:100,24:50,0:0",
    "RETRY_AFTER_SECONDS": "0",
    "SAGA_ARN": BOOKING,
    "UNDOING_ARN": UNDOING,
}
# Seats and cents of each, and how far off it is: all of the price, half of it, or nothing goes back.
CAPACITY = {"far": 4, "near": 3, "soon": 2}
PRICES = {"far": 10_000, "near": 3_333, "soon": 5_055}
DEPARTS = {"far": timedelta(hours=300), "near": timedelta(hours=100), "soon": timedelta(hours=20)}


@dataclass(frozen=True)
class Asked:
    """A customer's request; asked again it is the same."""

    key: str
    path: str
    body: dict[str, Any]


class World(Account):
    tables = TABLES
    streams = STREAMS
    made_of: type[Machines] = Machines

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Empty flights. Inside moto's mock of AWS."""
        super().__init__()
        made = {machine: definition(machine) for machine in (BOOKING, GROUP, UNDOING, AWAITING)}
        self.machines = self.made_of(made, self._perform)
        self.letters: list[dict[str, Any]] = []
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.connect(monkeypatch, bootstrap)
        monkeypatch.setattr(flights, "WORTH_A_WRITE", 1)  # there are few bookings here
        client: Any = StatesClient(self.machines, self.mishaps)
        for name, made_of in MADE_OF_STATES.items():
            monkeypatch.setattr(bootstrap, name, lambda made_of=made_of: made_of(client))
        for name, seats in CAPACITY.items():
            price, departs_at = Money(PRICES[name], "USD"), START + DEPARTS[name]
            bootstrap.flights().add(
                flight(
                    flight_id=name,
                    departs_at=departs_at,
                    seat_capacity=seats,
                    seats_available=seats,
                    price=price,
                )
            )

    def ask(self, asked: Asked) -> None:
        module = book_group if asked.path.endswith("groups") else book_seats
        answer = self.call(module, "POST", asked.path, asked.body, {"Idempotency-Key": asked.key})
        self.answers.setdefault(asked.key, []).append(answer)

    def cancel(self, booking_id: str) -> int:
        """Whoever gets no answer may never ask again."""
        status, _ = self.call(give_back_booking, "DELETE", f"/bookings/{booking_id}")
        return status

    def undo(self, booking_id: str) -> int:
        """By an operator."""
        path = f"/bookings/{booking_id}/compensation"
        request = api_request("POST", path, subject=OPERATOR, groups="operators")
        status: int = undo_booking.handler(request, context())["statusCode"]
        return status

    def sweep(self) -> None:
        pending_bookings.handler({}, context(seconds=60))

    def hear_end(self, ended: Execution, *, forget: bool = True) -> None:
        """What the rules for ended executions start, as often as they are told."""
        detail = {
            "status": ended.status,
            "error": ended.error,
            "name": ended.name,
            "executionArn": f"{ended.machine}:{ended.name}",
            "input": json.dumps(ended.given),
        }
        if matches({"$or": ENDINGS.get(ended.machine, [])}, detail):
            if ended.machine == GROUP:
                self.settle_group(ended.name)
            else:
                self.machines.start(UNDOING, f"event-{len(self.machines.all)}", {"detail": detail})
        if forget and ended in self.machines.ended:
            self.machines.ended.remove(ended)

    def settle_group(self, group_id: str) -> None:
        """As the rule does, or a person."""
        task = {"group_id": group_id, "correlation_id": group_id, "causation_id": "ended"}
        handler_of("SettleGroupFunction")(task, context())

    def _perform(self, resource: str, arguments: Any) -> Any:
        """What Step Functions does for a task."""
        match resource.removesuffix(".waitForTaskToken"):
            case "lambda:invoke":
                try:
                    return handler_of(arguments["FunctionName"])(arguments["Payload"], context())
                except Exception as error:
                    raise Failure(type(error).__name__, str(error)) from error
            case "dynamodb:updateItem":
                return self._update(arguments)
            case "states:startExecution.sync:2":
                if not self.machines.start(
                    arguments["StateMachineArn"], arguments["Name"], arguments["Input"]
                ):
                    raise Failure("StepFunctions.ExecutionAlreadyExistsException")
            case "sqs:sendMessage":
                self.letters.append(arguments)
            case "sns:publish":
                pass
            case other:
                raise NotImplementedError(other)
        return None

    def _update(self, arguments: Any) -> None:
        client = aws.client("dynamodb")
        try:
            client.update_item(**arguments)
        except client.exceptions.ClientError as error:
            raise Failure(f"DynamoDB.{error.response['Error']['Code']}", str(error)) from error


BOOKINGS: Template = service("bookings")
# What the rule for each machine's ended executions listens for.
ENDINGS = {
    target_of(rule["EventPattern"]["detail"]["stateMachineArn"][0]): rule["EventPattern"]["detail"]["$or"]
    for rule in BOOKINGS.resources("Events::Rule").values()
    if "stateMachineArn" in rule.get("EventPattern", {}).get("detail", {})
}
MADE_OF_STATES: dict[str, Any] = {
    "saga": lambda client: step_functions.StepFunctionsSaga(client, BOOKING),
    "group_saga": lambda client: step_functions.StepFunctionsGroupSaga(client, GROUP),
    "undoing": lambda client: step_functions.StepFunctionsUndoing(client, UNDOING),
    "waiting_saga": step_functions.StepFunctionsWaitingSaga,
    "versions": step_functions.StepFunctionsVersions,
}
