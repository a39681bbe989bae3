"""Tasks that fail as they are told to, each booking's own, and the partner for transfers in memory."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from moto.dynamodb.models.dynamo_type import DynamoType

from bookings import bootstrap
from bookings.adapters.bookings import BookingRow, DynamoBookings
from bookings.domain.bookings import Booking
from bookings.domain.transfers import Transfer
from jetbridge.runtime import aws
from jetbridge.runtime.dynamodb import from_item
from payment_provider.domain.transfers import Transfer as Made
from payment_provider.domain.transfers import TransferStatus
from tests.integration.orchestration.executions import FAULT, Execution, Machines
from tests.integration.orchestration.language import Failure, State
from tests.integration.orchestration.world import World
from tests.matrix.cells import Kind

# Beside the kinds of the matrix: the execution is aborted at a task, before or after its effect.
ABORTED, CUT_OFF = "aborted", "cut off"


@dataclass(frozen=True, slots=True)
class Fault:
    """Of a task: in every attempt, or in the first (throttled: two) only."""

    kind: str
    always: bool
    error: str = "RuntimeError"

    def strikes(self, attempt: int) -> bool:
        return self.always or attempt < (2 if self.kind == Kind.THROTTLED else 1)

    def __str__(self) -> str:
        often = "always" if self.always else "once"
        return f"{self.kind} {self.error if self.kind == Kind.NAMED else ''} {often}"


class FaultyMachines(Machines):
    """`faults` by booking, machine and state; `entered` are the states that a booking came to."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.faults: dict[tuple[str, str, str], Fault] = {}
        self.entered: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)

    def _attempt(self, execution: Execution, state: State) -> None:
        booking = _whose(execution.value)
        self.entered[booking].add((execution.machine, execution.at))
        fault = self.faults.get((booking, execution.machine, execution.at))
        begins = not (execution.token or execution.inside)
        if fault and begins and fault.strikes(execution.retried.total()):
            self._strike(fault, execution, state)
        else:
            super()._attempt(execution, state)

    def _strike(self, fault: Fault, execution: Execution, state: State) -> None:
        resource = state["Resource"].rpartition(":::")[2]
        if resource.endswith("waitForTaskToken"):
            execution.token = uuid4().hex
        arguments = execution.field(state["Arguments"])
        if fault.kind in (Kind.LOST, CUT_OFF):
            self._perform(resource, arguments)
        if fault.kind == Kind.LATE:
            self.late.append(lambda: self._perform(resource, arguments))
        if fault.kind in (ABORTED, CUT_OFF):
            self.stop(execution)
            return
        raise Failure(_named(fault))


def _named(fault: Fault) -> str:
    match fault.kind:
        case Kind.NAMED | Kind.GENERIC:
            return fault.error
        case Kind.TIMEOUT | Kind.LATE:
            return "States.Timeout"
        case Kind.THROTTLED:
            return "Lambda.TooManyRequestsException"
    return FAULT


def _whose(value: dict[str, Any]) -> str:
    asked = value.get("ask", {}).get("payload", value)
    return str(asked.get("booking_id", ""))


class Partner:
    """By the stand-in's own rules. `cancelled` counts what was cancelled, not just asked to be."""

    def __init__(self) -> None:
        self._made: dict[str, Made] = {}
        self.cancelled: Counter[str] = Counter()

    def ask(self, booking_id: str, pickup: str) -> Transfer:
        made = self._made.get(booking_id, Made(booking_id, pickup)).ask()
        self._made[booking_id] = made
        return Transfer(made.status)

    def cancel(self, booking_id: str) -> None:
        made = self._made.get(booking_id, Made(booking_id, ""))
        self.cancelled[booking_id] += made.status is not TransferStatus.CANCELLED
        self._made[booking_id] = made.cancel()

    def kept(self, booking_id: str) -> int:
        made = self._made.get(booking_id)
        ended = (TransferStatus.CANCELLED, TransferStatus.FAILED)
        return int(made is not None and made.status not in ended)


class FaultyWorld(World):
    made_of = FaultyMachines
    machines: FaultyMachines

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        self.partner = Partner()
        reading = QuickBookings(aws.client("dynamodb"), "BookingsTable")
        monkeypatch.setattr(bootstrap, "transfer_partner", lambda: self.partner)
        monkeypatch.setattr(bootstrap, "bookings", lambda: reading)


class QuickBookings(DynamoBookings):
    """Reads past moto's API, which would take most of the time."""

    def get(self, booking_id: str) -> Booking | None:
        item = World.table("BookingsTable").get_item(DynamoType({"S": booking_id}))
        return (
            BookingRow.model_validate(from_item(item.to_json()["Attributes"])).to_booking() if item else None
        )
