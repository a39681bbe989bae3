"""The function behind every task of the matrix: it does what the task does, and fails as the cell says."""

import json
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import uuid4

import boto3

from bookings import bootstrap
from tests.matrix.partner import Partner

# Of states that are named otherwise.
MODULES = {"Ask Supplier": "ask_transfer", "Settle Group Again": "settle_group"}
THROTTLED = "throttled"
HANG_SECONDS = 2.6  # longer than any attempt may take, see machines.ATTEMPT_SECONDS


def _partner() -> Partner:
    return Partner(boto3.client("dynamodb"))


vars(bootstrap)["transfer_partner"] = _partner


def handler(event: dict[str, Any], context: Any) -> Any:
    fault = (event.get("faults") or {}).get(event["state"])
    if fault is None or not (fault["always"] or event["attempt"] < _attempts(fault)):
        return None if event.get("gate") else perform(event, context)
    return FAULTS[fault["kind"]](event, context, fault)


def _attempts(fault: dict[str, Any]) -> int:
    """Those that fail unless all do."""
    return 2 if fault["kind"] == THROTTLED else 1


def perform(event: dict[str, Any], context: Any) -> Any:
    if event["state"] == "warm":
        return time.sleep(0.5)
    if event["resource"].startswith("arn:aws:states:::lambda:invoke"):
        module = MODULES.get(event["state"], event["state"].lower().replace(" ", "_"))
        return import_module(f"bookings.handlers.{module}").handler(event["payload"], context)
    if "startExecution" in event["resource"]:
        return _nest(event["payload"], wait=not event.get("gate"))
    return _call(event["resource"], event["payload"])


def _nest(arguments: dict[str, Any], *, wait: bool) -> None:
    """Start and wait, as Step Functions does; the errors of both have its names."""
    states = boto3.client("stepfunctions")
    try:
        started = states.start_execution(
            stateMachineArn=arguments["StateMachineArn"],
            name=arguments["Name"],
            input=json.dumps(arguments["Input"]),
        )
    except states.exceptions.ExecutionAlreadyExists as error:
        raise _error("StepFunctions.ExecutionAlreadyExistsException") from error
    if not wait:
        return
    while (seen := states.describe_execution(executionArn=started["executionArn"]))["status"] == "RUNNING":
        time.sleep(0.05)
    if seen["status"] != "SUCCEEDED":
        raise _error("States.TaskFailed")


def _call(resource: str, arguments: dict[str, Any]) -> None:
    """What Step Functions does itself for a direct integration; its errors bear the service's name."""
    service, operation = resource.rpartition(":::")[2].split(":")
    if isinstance(arguments.get("MessageBody"), dict):
        arguments["MessageBody"] = json.dumps(arguments["MessageBody"])
    client: Any = boto3.client(service)  # type: ignore[call-overload]
    try:
        getattr(
            client, {"updateItem": "update_item", "sendMessage": "send_message"}.get(operation, operation)
        )(**arguments)
    except client.exceptions.ClientError as error:
        names = {"dynamodb": "DynamoDB", "sns": "SNS", "sqs": "SQS"}
        raise _error(f"{names[service]}.{error.response['Error']['Code']}") from error


def _error(name: str) -> Exception:
    return type(name, (Exception,), {})("as the matrix wants it")  # type: ignore[no-any-return]


def _throttle(event: dict[str, Any], *_: Any) -> None:
    """As the service says it; these are the names that Step Functions gives it."""
    names = {
        "lambda": "Lambda.TooManyRequestsException",
        "dynamodb": "DynamoDB.ThrottlingException",
        "sns": "SNS.ThrottledException",
        "sqs": "SQS.AmazonSQSException",
        "states": "StepFunctions.AWSStepFunctionsException",
    }
    raise _error(names[event["resource"].partition(":::")[2].partition(":")[0]])


def _raise(event: dict[str, Any], _: Any, fault: dict[str, Any]) -> None:
    raise _error(fault["error"])


def _hang(*_: Any) -> None:
    time.sleep(HANG_SECONDS)


def _lose(event: dict[str, Any], context: Any, _: Any) -> None:
    perform(event, context)
    raise _error("Lambda.Unknown")


def _delay(event: dict[str, Any], *_: Any) -> None:
    """The runner lets it take effect when the execution has ended."""
    told = json.dumps(event | {"gate": False})
    late = {"call": uuid4().hex, "execution": event["execution"], "event": told}
    item = {name: {"S": value} for name, value in late.items()}
    boto3.client("dynamodb").put_item(TableName="late-calls", Item=item)
    time.sleep(HANG_SECONDS)


def _abort(event: dict[str, Any], *_: Any) -> None:
    """As an operator who stops the execution in the middle."""
    boto3.client("stepfunctions").stop_execution(executionArn=event["execution"])


FAULTS: dict[str, Callable[[dict[str, Any], Any, dict[str, Any]], Any]] = {
    "named": _raise,
    "generic": _raise,
    "timeout": _hang,
    "lost": _lose,
    "late": _delay,
    THROTTLED: _throttle,
    "aborted": _abort,
}
