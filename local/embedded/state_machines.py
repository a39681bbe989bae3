"""State machines: execution timeouts, tasks that end with their execution, and JSONata that ministack lacks.

The role of the machine is enforced for every task; see state_machine_roles.
"""

import contextvars
import json
import random
import threading
import time
from typing import Any

from ministack.core.responses import error_response_json, now_iso
from ministack.services import cloudwatch, stepfunctions

from embedded import machine_versions, nested_executions, state_machine_roles
from embedded.overlay import replace, wrap
from embedded.settings import Settings

RUNNING, TIMED_OUT = "RUNNING", "TIMED_OUT"
FOREVER = float(365 * 24 * 3600)
ENDED_AS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    TIMED_OUT: "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}

Execution = dict[str, Any]
State = dict[str, Any]

_execution: contextvars.ContextVar[Execution] = contextvars.ContextVar("execution")


def install(settings: Settings) -> None:
    machine_versions.install()
    nested_executions.install(_is_running)
    _time_out_executions()
    _end_once()
    state_machine_roles.authorize_by_machine()
    _count_and_tell()
    _run_tasks()
    _retry_as_declared()
    _complete_jsonata()


def _time_out_executions() -> None:
    @wrap(stepfunctions, "_start_execution", "data")
    def start(original: Any, data: dict[str, Any]) -> Any:
        response = original(data)
        if response[0] < 400:
            _start_timer(stepfunctions._executions[json.loads(response[2])["executionArn"]])
        return response


def _start_timer(execution: Execution) -> None:
    try:
        seconds = json.loads(machine_versions.machine_of(execution)["definition"]).get("TimeoutSeconds")
    except ValueError:
        return
    if seconds:
        run = contextvars.copy_context().run
        timer = threading.Timer(float(seconds), run, args=(_time_out, execution))
        timer.daemon = True
        timer.start()


def _time_out(execution: Execution) -> None:
    if execution["status"] != RUNNING:
        return
    execution.update(status=TIMED_OUT, stopDate=now_iso(), error="States.Timeout", cause=None)
    stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    stepfunctions._emit_execution_status_event(execution)


def _end_once() -> None:
    """A task that fails after its execution was aborted or timed out does not end it a second time."""

    @wrap(stepfunctions, "_fail_execution", "execution error cause")
    def fail(original: Any, execution: Execution, error: str, cause: str) -> None:
        if execution["status"] == RUNNING:
            original(execution, error, cause)

    @wrap(stepfunctions, "_find_matching_retrier", "retriers error retry_counts")
    def retrier(original: Any, retriers: Any, error: str, counts: dict[int, int]) -> Any:
        return original(retriers, error, counts) if _is_running() else (None, -1)

    @wrap(stepfunctions, "_find_matching_catcher", "catchers error")
    def catcher(original: Any, catchers: Any, error: str) -> Any:
        return original(catchers, error) if _is_running() else None


def _is_running() -> bool:
    execution = _execution.get(None)
    return execution is None or execution["status"] == RUNNING


def _count_and_tell() -> None:
    """Standard executions tell the default bus of every change of status; express ones tell nobody."""

    @wrap(stepfunctions, "_emit_execution_status_event", "execution")
    def tell(original: Any, execution: Execution) -> None:
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
        if metric := ENDED_AS.get(execution["status"]):
            dimensions = {"StateMachineArn": execution["stateMachineArn"]}
            cloudwatch.record_metric("AWS/States", metric, 1, "Count", dimensions)
        if machine.get("type") != "EXPRESS":
            original(execution)


def _run_tasks() -> None:
    @wrap(stepfunctions, "_execute_task", "state_def raw_input execution ctx")
    def execute(original: Any, state: State, raw_input: Any, execution: Execution, ctx: Any) -> Any:
        _execution.set(execution)
        for field in ("TimeoutSeconds", "HeartbeatSeconds"):
            if isinstance(state.get(field), str):
                seconds = stepfunctions._jsonata_state_field(state, field, "number", raw_input, ctx)
                state = {**state, field: seconds}
        return original(state, raw_input, execution, ctx)

    @wrap(stepfunctions, "_invoke_resource", "resource input_data")
    def invoke(original: Any, resource: str, data: Any) -> Any:
        state_machine_roles.refuse_without_permission(_role(), resource, data)
        return original(resource, data)

    replace(
        stepfunctions, "_invoke_with_callback", "resource input_data token state_def", _invoke_with_callback
    )
    for name in ("_send_task_success", "_send_task_failure", "_send_task_heartbeat"):

        @wrap(stepfunctions, name, "data")
        def answer(original: Any, data: dict[str, Any]) -> Any:
            token = data.get("taskToken")
            if token in state_machine_roles.machine_of_token and token not in stepfunctions._task_tokens:
                return error_response_json("TaskTimedOut", f"Task Timed Out: '{token}'", 400)
            if (task := stepfunctions._task_tokens.get(token)) is not None:
                task["heard"] = time.time()
            return original(data)


def _role() -> str:
    execution = _execution.get()
    return str(machine_versions.machine_of(execution)["roleArn"])


def _invoke_with_callback(resource: str, data: Any, token: str, state: State) -> Any:
    """Start the work, then wait for the token; work that cannot be started fails the task at once."""
    told = threading.Event()
    state_machine_roles.machine_of_token[token] = _execution.get()["stateMachineArn"]
    stepfunctions._task_tokens[token] = {"event": told, "result": None, "error": None, "heartbeat": None}
    try:
        stepfunctions._invoke_resource(resource.replace(".waitForTaskToken", ""), data)
        if not _wait(told, stepfunctions._task_tokens[token], state):
            raise stepfunctions._ExecutionError("States.Timeout", "Task timed out waiting for callback")
        answer = stepfunctions._task_tokens[token]
    finally:
        stepfunctions._task_tokens.pop(token, None)
    if error := answer.get("error"):
        raise stepfunctions._ExecutionError(error.get("Error", "TaskFailed"), error.get("Cause", ""))
    result = answer.get("result")
    return json.loads(result) if isinstance(result, str) and result else result


def _wait(told: threading.Event, task: dict[str, Any], state: State) -> bool:
    """True when told in time; false, as a timeout, after a silence or when the execution has ended."""
    started, timeout = time.time(), float(state.get("TimeoutSeconds", FOREVER))
    silence = float(state.get("HeartbeatSeconds", FOREVER))
    while True:
        left = min(started + timeout, float(task.get("heard", started)) + silence) - time.time()
        if told.wait(max(0.0, min(left, 1.0))):
            return True
        if left <= 0 or not _is_running():
            return False


def _retry_as_declared() -> None:
    """MaxDelaySeconds and JitterStrategy: the delay is worked out here, ministack multiplies by one."""

    @wrap(stepfunctions, "_find_matching_retrier", "retriers error retry_counts")
    def delay(original: Any, retriers: Any, error: str, counts: dict[int, int]) -> Any:
        retrier, index = original(retriers, error, counts)
        if retrier is None:
            return None, index
        factor = float(retrier.get("BackoffRate", 2.0)) ** counts.get(index, 0)
        seconds = float(retrier.get("IntervalSeconds", 1)) * factor
        seconds = min(seconds, float(retrier.get("MaxDelaySeconds", seconds)))
        if retrier.get("JitterStrategy") == "FULL":
            seconds = random.uniform(0, seconds)  # noqa: S311 - spreads load, hides nothing
        return {**retrier, "IntervalSeconds": seconds, "BackoffRate": 1.0}, index


def _complete_jsonata() -> None:
    @wrap(stepfunctions, "_apply_output_path", "state_def data ctx")
    def output(original: Any, state: State, data: Any, ctx: Any = None) -> Any:
        if state.get("Type") == "Succeed" and stepfunctions._state_query_language(state, ctx) == "JSONata":
            return stepfunctions._apply_jsonata_output(state, data, ctx, default=data)
        return original(state, data, ctx)

    @wrap(stepfunctions, "_run_parallel_branches", "state_def raw_input execution ctx")
    def branches(original: Any, state: State, raw_input: Any, execution: Execution, ctx: Any) -> Any:
        if stepfunctions._state_query_language(state, ctx) != "JSONata":
            return original(state, raw_input, execution, ctx)
        arguments = stepfunctions._apply_jsonata_arguments(state, raw_input, ctx)
        results, following = original(state, arguments, execution, ctx)
        output = stepfunctions._apply_jsonata_output(state, raw_input, ctx, result=results, default=results)
        stepfunctions._apply_state_assign(state, raw_input, ctx, result=results)
        return output, following

    @wrap(stepfunctions, "_run_sub_machine", "states start_at input_data execution ctx")
    def branch(original: Any, states: Any, start_at: str, data: Any, execution: Any, ctx: Any) -> Any:
        """Branches run at once: each has its own state and task token, all share the variables."""
        return original(states, start_at, data, execution, dict(ctx))
