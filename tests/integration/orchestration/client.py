"""As much of boto3's client for Step Functions as bookings calls, before the machines in memory."""

import json
from types import SimpleNamespace
from typing import Any

from tests.integration.choreography.mishaps import Mishaps
from tests.integration.orchestration.executions import Machines
from tests.integration.orchestration.language import Failure


class ExecutionAlreadyExists(Exception):
    pass


class TaskTimedOut(Exception):
    pass


class StatesClient:
    """Before and after each call is a stop: the caller may be gone there."""

    exceptions = SimpleNamespace(
        ExecutionAlreadyExists=ExecutionAlreadyExists,
        TaskDoesNotExist=TaskTimedOut,
        TaskTimedOut=TaskTimedOut,
        InvalidToken=TaskTimedOut,
    )

    def __init__(self, machines: Machines, mishaps: Mishaps) -> None:
        self._machines = machines
        self._mishaps = mishaps

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: N803
        self._mishaps.stop()
        if not self._machines.start(stateMachineArn, name, json.loads(input)):
            raise ExecutionAlreadyExists(name)
        self._mishaps.stop()

    def send_task_success(self, *, taskToken: str, **_: Any) -> None:  # noqa: N803
        self._answer(taskToken, True)

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> None:  # noqa: N803
        self._answer(taskToken, Failure(error, cause))

    def describe_execution(self, **_: Any) -> dict[str, str]:
        return {"stateMachineVersionArn": "machine:1"}

    def _answer(self, token: str, answer: Failure | bool) -> None:
        self._mishaps.stop()
        if not self._machines.answer(token, answer):
            raise TaskTimedOut(token)
        self._mishaps.stop()
