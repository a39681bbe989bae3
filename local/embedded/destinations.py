"""Asynchronous invocations: retries, then the OnSuccess or OnFailure destination and the function's DLQ."""

import contextvars
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ministack.services import lambda_svc

from embedded import identity
from embedded.overlay import replace
from embedded.settings import Settings

DEFAULT_RETRIES = 2
DEFAULT_AGE_SECONDS = 6 * 3600
FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 30.0
ERROR_MESSAGE_BYTES = 1024

Function = dict[str, Any]
logger = logging.getLogger("lambda.async")


def install(settings: Settings) -> None:
    replace(lambda_svc, "invoke_async_with_retry", "func event", invoke)


def invoke(func: Function, event: Any) -> None:
    """Return at once; the invocation and what follows it run on a thread of their own."""
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(_run, func, event), name="async-invocation", daemon=True).start()


def _run(func: Function, event: Any) -> None:
    config = func.get("config") or func
    lambda_svc._request_account_id.set(config["FunctionArn"].split(":")[4])
    lambda_svc._request_region.set(config["FunctionArn"].split(":")[3])
    settings = _settings(config)
    result, attempts, condition = _attempt(func, event, settings)
    chosen = "OnSuccess" if condition == "Success" else "OnFailure"
    destination = ((settings.get("DestinationConfig") or {}).get(chosen) or {}).get("Destination")
    dlq = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if destination:
        record = _record(config, event, result, attempts, condition)
        _send(config, destination, json.dumps(record), condition)
    if dlq and condition != "Success":
        _send(config, dlq, json.dumps(event), condition, _dlq_attributes(result))


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    """The EventInvokeConfig of what was invoked: an alias, a version, or $LATEST."""
    qualifier = (config["FunctionArn"] + ":").split(":")[7]
    function = lambda_svc._functions.get(config["FunctionName"]) or {}
    configs = function.get("event_invoke_configs") or {}
    wanted = (qualifier,) if qualifier and qualifier != "$LATEST" else ("$LATEST", "")
    return next((configs[each] for each in wanted if each in configs), {})


def _attempt(func: Function, event: Any, settings: dict[str, Any]) -> tuple[dict[str, Any], int, str]:
    """The last result, how many attempts there were, and the condition as AWS names it."""
    retries = int(settings.get("MaximumRetryAttempts", DEFAULT_RETRIES))
    deadline = time.monotonic() + int(settings.get("MaximumEventAgeInSeconds", DEFAULT_AGE_SECONDS))
    attempt = 0
    while True:
        result = lambda_svc._execute_function(func, event)
        attempt += 1
        if not result.get("error"):
            return result, attempt, "Success"
        pause = min(FIRST_RETRY_SECONDS * 2 ** (attempt - 1), LONGEST_RETRY_SECONDS)
        if attempt > retries:
            return result, attempt, "RetriesExhausted"
        if time.monotonic() + pause > deadline:
            return result, attempt, "EventAgeExceeded"
        time.sleep(pause)


def _record(
    config: dict[str, Any], event: Any, result: dict[str, Any], attempts: int, condition: str
) -> dict[str, Any]:
    version = config.get("Version", "$LATEST")
    response: dict[str, Any] = {"statusCode": 200, "executedVersion": version}
    if condition != "Success":
        response["functionError"] = "Unhandled"
    arn = config["FunctionArn"]
    return {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": result.get("request_id") or str(uuid.uuid4()),
            "functionArn": arn if arn.count(":") > 6 else f"{arn}:{version}",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": event,
        "responseContext": response,
        "responsePayload": result.get("body"),
    }


def _dlq_attributes(result: dict[str, Any]) -> dict[str, Any]:
    body = result.get("body")
    message = str(body.get("errorMessage", "")) if isinstance(body, dict) else str(body)
    return {
        "RequestID": {"DataType": "String", "StringValue": result.get("request_id") or str(uuid.uuid4())},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": message[:ERROR_MESSAGE_BYTES] or "-"},
    }


def _send(config: dict[str, Any], arn: str, body: str, condition: str, attributes: Any = None) -> None:
    """With the function's own role, as on AWS: without permission it is lost, and the log says so."""
    try:
        SENDERS[arn.split(":")[2]](config["Role"], arn, body, condition, attributes or {})
    except Exception as failure:
        logger.error("function %s: destination %s: %s", config["FunctionName"], arn, failure)


def _to_queue(role: str, arn: str, body: str, condition: str, attributes: Any) -> None:
    identity.client("sqs", role).send_message(
        QueueUrl=identity.queue_url(arn), MessageBody=body, MessageAttributes=attributes
    )


def _to_topic(role: str, arn: str, body: str, condition: str, attributes: Any) -> None:
    identity.client("sns", role).publish(TopicArn=arn, Message=body, MessageAttributes=attributes)


def _to_function(role: str, arn: str, body: str, condition: str, attributes: Any) -> None:
    identity.client("lambda", role).invoke(FunctionName=arn, InvocationType="Event", Payload=body.encode())


def _to_bus(role: str, arn: str, body: str, condition: str, attributes: Any) -> None:
    outcome = "Success" if condition == "Success" else "Failure"
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {outcome}",
        "Resources": [json.loads(body)["requestContext"]["functionArn"]],
        "Detail": body,
        "EventBusName": arn,
    }
    identity.client("events", role).put_events(Entries=[entry])


SENDERS: dict[str, Callable[[str, str, str, str, Any], None]] = {
    "sqs": _to_queue,
    "sns": _to_topic,
    "lambda": _to_function,
    "events": _to_bus,
}
