"""Executions that a state machine starts: by alias, once under a name, waited for, ended with their parent.

ministack waits for one by its state machine only, and lets it overwrite another of the same name.
"""

import contextvars
import json
import math
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import json_response
from ministack.services import stepfunctions

from embedded.overlay import replace, wrap

RUNNING = "RUNNING"
LOOK_SECONDS = 0.05
# What a parent is told, and which of it is JSON: parsed by `.sync:2`, text as of `.sync`.
TOLD = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "error", "cause")
TEXTS = ("input", "output")

type Execution = dict[str, Any]

_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("deadline", default=math.inf)


def install(is_running: Callable[[], bool]) -> None:
    """`is_running` tells whether the execution whose task this is still runs."""
    _start_again()
    _know_how_long()

    def start(resource: str, given: dict[str, Any]) -> Any:
        return _started(given)

    def start_and_wait(resource: str, given: dict[str, Any]) -> Any:
        execution = stepfunctions._executions[_started(given)["ExecutionArn"]]
        while execution["status"] == RUNNING:
            if not is_running() or time.monotonic() > _deadline.get():
                stepfunctions._stop_execution({"executionArn": execution["executionArn"]})
            time.sleep(LOOK_SECONDS)
        told = _told(execution, parsed=resource.endswith(":2"))
        if execution["status"] != "SUCCEEDED":
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(told))
        return told

    replace(stepfunctions, "_invoke_nested_start_execution", "resource input_data", start)
    replace(stepfunctions, "_invoke_nested_start_execution_sync", "resource input_data", start_and_wait)


def _start_again() -> None:
    """A start that is repeated, with the same input, while its execution runs is answered with that one."""

    @wrap(stepfunctions, "_start_execution", "data")
    def start(original: Any, data: dict[str, Any]) -> Any:
        response = original(data)
        if response[0] < 400 or "ExecutionAlreadyExists" not in str(response[2]):
            return response
        machine = stepfunctions._resolve_state_machine_arn(data["stateMachineArn"])
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
        there = stepfunctions._executions[arn]
        if there["status"] != RUNNING or there["input"] != data.get("input", "{}"):
            return response
        return json_response({"executionArn": arn, "startDate": there["startDate"]})


def _know_how_long() -> None:
    """A task that times out ends the execution that it waits for."""

    @wrap(stepfunctions, "_invoke_resource_with_timeout", "resource input_data timeout")
    def invoke(original: Any, resource: str, data: Any, timeout: float) -> Any:
        before = _deadline.set(time.monotonic() + timeout)
        try:
            return original(resource, data, timeout)
        finally:
            _deadline.reset(before)


def _started(given: dict[str, Any]) -> dict[str, Any]:
    status, _, body = stepfunctions._start_execution(stepfunctions._nested_start_execution_request(given))
    answer = json.loads(body)
    if status >= 400:
        raise stepfunctions._ExecutionError(f"StepFunctions.{answer['__type']}Exception", answer["message"])
    return {"ExecutionArn": answer["executionArn"], "StartDate": answer["startDate"]}


def _told(execution: Execution, *, parsed: bool) -> dict[str, Any]:
    told = {name[0].upper() + name[1:]: execution[name] for name in TOLD if execution.get(name)}
    for name in TEXTS:
        if (text := execution.get(name)) is not None:
            told[name.capitalize()] = json.loads(text) if parsed else text
    return told
