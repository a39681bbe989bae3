"""Versions of state machines: each keeps its definition, and an alias shares executions out by its weights.

ministack keeps versions, but runs the newest definition whatever was asked for, and tells of no version.
"""

import contextvars
import json
import random
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, json_response
from ministack.services import stepfunctions

from embedded.overlay import wrap

type Machine = dict[str, Any]
type Execution = dict[str, Any]

KEPT = ("definition", "roleArn", "type")
VERSION, ALIAS = "stateMachineVersionArn", "stateMachineAliasArn"

_asked: contextvars.ContextVar[str] = contextvars.ContextVar("asked", default="")
_running: contextvars.ContextVar[Execution | None] = contextvars.ContextVar("running", default=None)


class Machines(AccountRegionScopedDict):  # type: ignore[misc] # ministack has no types
    """The state machines, seen by a running execution as its version has them."""

    def get(self, key: str, default: Any = None) -> Any:
        found, execution = super().get(key, default), _running.get()
        if found is None or execution is None or execution["stateMachineArn"] != key:
            return found
        return machine_of(execution)


def install() -> None:
    machines = Machines()
    machines._data = stepfunctions._state_machines._data
    stepfunctions._state_machines = machines
    _choose_when_started()
    _run_what_was_chosen()
    _tell_what_was_chosen()


def machine_of(execution: Execution) -> Machine:
    """What the execution runs: as its version has it, or the newest one if it was started without."""
    machine: Machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    version = stepfunctions._state_machine_versions.get(execution.get(VERSION) or "")
    return machine if version is None else {**machine, **{name: version[name] for name in KEPT}}


def _choose_when_started() -> None:
    @wrap(stepfunctions, "_start_execution", "data")
    def start(original: Any, data: dict[str, Any]) -> Any:
        before = _asked.set(data.get("stateMachineArn", ""))
        try:
            return original(data)
        finally:
            _asked.reset(before)

    @wrap(stepfunctions, "_emit_execution_status_event", "execution")
    def begin(original: Any, execution: Execution) -> None:
        """The first event of an execution: it is in the table by now, and does not run yet."""
        if VERSION not in execution:
            asked = _asked.get()
            execution[VERSION] = _chosen(asked)
            execution[ALIAS] = asked if asked in stepfunctions._state_machine_aliases else None
        original(execution)


def _chosen(asked: str) -> str | None:
    """The version that was asked for, or that the alias draws by its weights."""
    if asked in stepfunctions._state_machine_versions:
        return asked
    routes = (stepfunctions._state_machine_aliases.get(asked) or {}).get("routingConfiguration")
    if not routes:
        return None
    weights = [each["weight"] for each in routes]
    [route] = random.choices(routes, weights)  # noqa: S311 - shares out, hides nothing
    return str(route[VERSION])


def _run_what_was_chosen() -> None:
    @wrap(stepfunctions, "_run_execution", "exec_arn")
    def run(original: Any, exec_arn: str) -> None:
        """In a context of its own, which the threads of its branches share."""
        _running.set(stepfunctions._executions.get(exec_arn))
        original(exec_arn)


def _tell_what_was_chosen() -> None:
    @wrap(stepfunctions, "_describe_execution", "data")
    def describe(original: Any, data: dict[str, Any]) -> Any:
        chosen = _asked_by(data)
        return _with(original(data), {name: chosen[name] for name in (VERSION, ALIAS) if chosen.get(name)})

    @wrap(stepfunctions, "_describe_state_machine_for_execution", "data")
    def describe_machine(original: Any, data: dict[str, Any]) -> Any:
        response = original(data)
        known = machine_of(_asked_by(data)) if response[0] < 400 else {}
        return _with(response, {name: known[name] for name in ("definition", "roleArn") if known})


def _asked_by(data: dict[str, Any]) -> Execution:
    return stepfunctions._executions.get(data.get("executionArn")) or {}


def _with(response: Any, more: dict[str, Any]) -> Any:
    return response if response[0] >= 400 else json_response({**json.loads(response[2]), **more})
