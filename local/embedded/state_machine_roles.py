"""What a state machine's role must allow before a task runs, and who may start and answer its executions."""

import json
from collections.abc import Iterator
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc, stepfunctions

from embedded import identity
from embedded.overlay import wrap

ERRORS = {
    "lambda": "Lambda.AWSLambdaException",
    "dynamodb": "DynamoDB.AmazonDynamoDBException",
    "sqs": "SQS.AmazonSQSException",
    "sns": "SNS.AmazonSNSException",
    "events": "EventBridge.AmazonEventBridgeException",
    "states": "StepFunctions.AWSStepFunctionsException",
}

# How AWS hears that an execution, for which a task waits, has ended: by a rule that it puts as the role.
WAITS, ENDS_OF_EXECUTIONS = ".sync", "StepFunctionsGetEventsForStepFunctionsExecutionRule"

Needed = tuple[str, str]
"""An action and the ARN of the resource that it acts on."""

machine_of_token: dict[str, str] = {}
"""The state machine of every task token given out, closed ones too: they are answered with TaskTimedOut."""


def authorize_by_machine() -> None:
    """AWS authorizes a version, an alias and a task token as the state machine that they belong to."""

    @wrap(iam_actions, "extract_resource_arn", "service method path headers body")
    def resource(
        original: Any, service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any
    ) -> Any:
        found = original(service, method, path, headers, body, *rest)
        if service != "states":
            return found
        token = json.loads(body or b"{}").get("taskToken")
        return machine_of_token.get(token, found) if token else state_machine_of(found)


def state_machine_of(arn: str) -> str:
    return str(stepfunctions._resolve_state_machine_arn(arn) or arn)


def refuse_without_permission(role: str, resource: str, data: Any) -> None:
    """Raises ministack's _ExecutionError, which the machine can catch, as on AWS."""
    for action, arn in _needed(resource, data):
        if denied := identity.denial(role, action, arn):
            raise stepfunctions._ExecutionError(ERRORS[action.partition(":")[0]], denied)


def _needed(resource: str, data: Any) -> Iterator[Needed]:
    """Nothing for services that are not listed here: those are not enforced."""
    if ":function:" in resource:
        yield "lambda:InvokeFunction", resource
        return
    _, _, integration = resource.partition("arn:aws:states:::")
    service, _, operation = integration.removeprefix("aws-sdk:").partition(":")
    if service in NEEDS and isinstance(data, dict):
        name = operation.partition(".")[0]
        yield from NEEDS[service](name + WAITS if WAITS in operation else name, data)


def _of_lambda(operation: str, data: dict[str, Any]) -> Iterator[Needed]:
    name = data.get("FunctionName", "")
    yield "lambda:InvokeFunction", name if name.startswith("arn:") else lambda_svc._func_arn(name)


def _of_dynamodb(operation: str, data: dict[str, Any]) -> Iterator[Needed]:
    action = f"dynamodb:{operation[0].upper()}{operation[1:]}"
    body, region, account = json.dumps(data).encode(), get_region(), get_account_id()
    if operation.startswith("transact"):
        yield from iam_actions.dynamodb_transaction_checks(action, body, region, account) or ()
    else:
        yield from ((action, arn) for arn in iam_actions.dynamodb_resource_arns(body, region, account))


def _of_sqs(operation: str, data: dict[str, Any]) -> Iterator[Needed]:
    account, name = data.get("QueueUrl", "").rsplit("/", 2)[-2:]
    yield "sqs:SendMessage", f"arn:aws:sqs:{get_region()}:{account}:{name}"


def _of_sns(operation: str, data: dict[str, Any]) -> Iterator[Needed]:
    yield "sns:Publish", data.get("TopicArn", "")


def _of_events(operation: str, data: dict[str, Any]) -> Iterator[Needed]:
    for entry in data.get("Entries") or []:
        bus = entry.get("EventBusName", "default")
        whole = f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{bus}"
        yield "events:PutEvents", bus if bus.startswith("arn:") else whole


def _of_states(operation: str, data: dict[str, Any]) -> Iterator[Needed]:
    machine = state_machine_of(data.get("StateMachineArn", ""))
    yield "states:StartExecution", machine
    if not operation.endswith(WAITS):
        return
    executions = f"{machine.replace(':stateMachine:', ':execution:')}:{data.get('Name', '*')}"
    yield from ((f"states:{action}", executions) for action in ("DescribeExecution", "StopExecution"))
    rule = f"arn:aws:events:{get_region()}:{get_account_id()}:rule/{ENDS_OF_EXECUTIONS}"
    yield from ((f"events:{action}", rule) for action in ("PutTargets", "PutRule", "DescribeRule"))


NEEDS = {
    "lambda": _of_lambda,
    "dynamodb": _of_dynamodb,
    "sqs": _of_sqs,
    "sns": _of_sns,
    "events": _of_events,
    "states": _of_states,
}
