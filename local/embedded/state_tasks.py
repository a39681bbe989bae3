"""Task states as AWS runs them: timeouts by JSONata, failing callbacks, and who may start and answer what.

ministack takes a `TimeoutSeconds` expression for a number, waits on after the function of a
`.waitForTaskToken` task has failed, and authorizes an alias and a task token as themselves, where AWS
authorizes the state machine.
"""

import contextvars
import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import stepfunctions

from embedded.overlay import wrap
from embedded.settings import Settings

_machine = contextvars.ContextVar("machine", default="")
_calling_back = contextvars.ContextVar("calling_back", default=False)
_machine_of_token: dict[str, str] = {}


class _CallbackFailed(Exception):
    """Carries the error past ministack, which would drop it."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def install(settings: Settings) -> None:
    @wrap(stepfunctions, "_execute_task", "state_def raw_input execution ctx")
    def task(original: Any, state: dict[str, Any], given: Any, execution: dict[str, Any], ctx: Any) -> Any:
        _machine.set(execution["stateMachineArn"])
        if isinstance(state.get("TimeoutSeconds"), str):
            seconds = stepfunctions._jsonata_state_field(state, "TimeoutSeconds", "number", given, ctx)
            state = {**state, "TimeoutSeconds": seconds}
        return original(state, given, execution, ctx)

    @wrap(stepfunctions, "_invoke_with_callback", "resource input_data token state_def")
    def with_callback(original: Any, resource: str, given: Any, token: str, state: dict[str, Any]) -> Any:
        _machine_of_token[token] = _machine.get()
        calling = _calling_back.set(True)
        try:
            return original(resource, given, token, state)
        except _CallbackFailed as failed:
            stepfunctions._task_tokens.pop(token, None)
            raise failed.error from None
        finally:
            _calling_back.reset(calling)
            _machine_of_token.pop(token, None)

    @wrap(stepfunctions, "_call_lambda", "func_ref event")
    def call(original: Any, function: str, event: Any) -> Any:
        try:
            return original(function, event)
        except stepfunctions._ExecutionError as error:
            if _calling_back.get():
                raise _CallbackFailed(error) from None
            raise

    @wrap(iam_actions, "extract_resource_arn", "service method path headers body")
    def resource(original: Any, service: str, *request: Any, **named: Any) -> Any:
        found = original(service, *request, **named)
        if service != "states":
            return found
        body = named.get("body", request[3] if len(request) > 3 else b"")
        token = json.loads(body or b"{}").get("taskToken")
        return _machine_of_token.get(token, found) if token else state_machine_of(found)


def state_machine_of(arn: str) -> str:
    """The state machine of a version or alias: AWS authorizes them as that."""
    return str(stepfunctions._resolve_state_machine_arn(arn) or arn)
