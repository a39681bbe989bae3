"""The sagas in Step Functions: begun by name, resumed by task token."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from bookings.domain.bookings import GROUP_FAILED, Booking
from bookings.domain.groups import Group
from jetbridge.runtime.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsSaga:
    """The execution's name is the booking's id, so Step Functions itself refuses a second one."""

    def __init__(self, client: "SFNClient", alias_arn: str) -> None:
        self._client = client
        self._alias_arn = alias_arn

    def start(self, booking: Booking) -> None:
        _start(self._client, self._alias_arn, booking.booking_id, _what(booking))


class StepFunctionsGroupSaga:
    """The execution's name is the group's id; each booking has its own execution inside."""

    def __init__(self, client: "SFNClient", alias_arn: str) -> None:
        self._client = client
        self._alias_arn = alias_arn

    def start(self, group: Group) -> None:
        _start(self._client, self._alias_arn, group.group_id, group_input(group))


def group_input(group: Group) -> dict[str, object]:
    """What the machine of a group is given: for each entry the input of its booking's own machine."""
    entries = [
        {"booking_id": it.booking_id, "flight_id": it.flight_id, "seats": it.seats} for it in group.entries
    ]
    return {"group_id": group.group_id, "correlation_id": group.correlation_id, "entries": entries}


class StepFunctionsUndoing:
    def __init__(self, client: "SFNClient", alias_arn: str) -> None:
        self._client = client
        self._alias_arn = alias_arn

    def start(self, booking: Booking, *, name: str) -> None:
        cancelled = booking.refund_due is not None
        reason = "cancelled" if cancelled else booking.reason or "fault"
        told = {
            "notice": "BookingCancelled" if cancelled else "BookingFailed",
            "reason": GROUP_FAILED if booking.withdrawn else reason,
        }
        _start(self._client, self._alias_arn, f"{booking.booking_id}-{name}", _what(booking) | told)


def _what(booking: Booking) -> dict[str, object]:
    """`transfer` says that one is wanted; from where stands in the booking."""
    wanted = {"transfer": True} if booking.pickup is not None else {}
    return wanted | {
        "booking_id": booking.booking_id,
        "flight_id": booking.flight_id,
        "seats": booking.seats,
        "correlation_id": booking.correlation_id,
    }


def _start(client: "SFNClient", alias_arn: str, name: str, given: dict[str, object]) -> None:
    try:
        client.start_execution(stateMachineArn=alias_arn, name=name, input=json.dumps(given))
    except client.exceptions.ExecutionAlreadyExists:
        return


class StepFunctionsVersions:
    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def of(self, execution: str) -> int | None:
        """Asking is limited to some 10 calls a second, and late. No booking fails for want of an answer."""
        try:
            told = self._client.describe_execution(executionArn=execution)
        except (ClientError, BotoCoreError):
            logger.warning("the saga's version stays unknown", exc_info=True)
            return None
        version = told.get("stateMachineVersionArn")
        return int(version.rpartition(":")[2]) if version else None


class StepFunctionsWaitingSaga:
    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def resume(self, task_token: str) -> bool:
        try:
            self._client.send_task_success(taskToken=task_token, output="{}")
        except self._gone:
            return False
        return True

    def decline(self, task_token: str, reason: str) -> bool:
        """The error's name is the one that the state machine catches."""
        try:
            self._client.send_task_failure(taskToken=task_token, error="PaymentDeclined", cause=reason)
        except self._gone:
            return False
        return True

    @property
    def _gone(self) -> tuple[type[Exception], ...]:
        known = self._client.exceptions
        return (known.TaskDoesNotExist, known.TaskTimedOut, known.InvalidToken)
