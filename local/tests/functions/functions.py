"""Handlers that the tests deploy: each shows one thing that a function may do."""

import json
import logging
import os
import socket
import sys
import time
from typing import Any

import boto3

logger = logging.getLogger()


class OutOfStock(Exception):
    pass


def echo(event: Any, context: Any) -> Any:
    return event


def fail(event: Any, context: Any) -> Any:
    raise OutOfStock(f"nothing left of {event}")


def sleep(event: dict[str, float], context: Any) -> int:
    """Hold an execution environment for a while; tells which one."""
    time.sleep(event["seconds"])
    return os.getpid()


def die_answering(event: Any, context: Any) -> None:
    """The process ends with half of its answer sent."""
    host, _, port = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
    path = f"/2018-06-01/runtime/invocation/{context.aws_request_id}/response"
    with socket.create_connection((host, int(port))) as runtime_api:
        runtime_api.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99\r\n\r\n{{".encode())
    os._exit(1)


def describe_environment(event: Any, context: Any) -> dict[str, Any]:
    logger.warning("describing %s", context.function_name)
    return {
        "environment": dict(os.environ),
        "path": sys.path,
        "caller": boto3.client("sts").get_caller_identity()["Arn"],
        "arn": context.invoked_function_arn,
    }


def put_item(event: dict[str, Any], context: Any) -> None:
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE_NAME"], Item={"pk": {"S": event["pk"]}})


def trace(event: Any, context: Any) -> Any:
    """As every function of the application does: through Powertools and the X-Ray SDK."""
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - a second or so, paid by this function alone

    tracer = Tracer(service="tests")

    @tracer.capture_lambda_handler
    def handle(event: Any, context: Any) -> Any:
        tracer.put_annotation("key", "value")
        return event

    return handle(event, context)


def emit_metrics(event: dict[str, Any], context: Any) -> None:
    """In CloudWatch's embedded metric format."""
    print(
        json.dumps(
            {
                "_aws": {
                    "Timestamp": int(time.time() * 1000),
                    "CloudWatchMetrics": [
                        {
                            "Namespace": event["namespace"],
                            "Dimensions": [["service"]],
                            "Metrics": [{"Name": "Orders", "Unit": "Count"}],
                        }
                    ],
                },
                "service": "tests",
                "Orders": [1, 2.5],
            }
        )
    )


def events_of_records(records: list[Any], context: Any) -> list[Any]:
    """An enrichment: one event for an item with a type, nothing for others; an item of type Poison fails."""
    images = [record["dynamodb"].get("NewImage", {}) for record in records]
    types = [(image["type"]["S"], image["pk"]["S"]) for image in images if "type" in image]
    if "Poison" in dict(types):
        raise OutOfStock("poison")
    return [{"metadata": {"type": kind}, "data": {"id": key}} for kind, key in types]


def forward_records(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Send each stream record's key to a queue, stopping at a key that begins with `poison`."""
    sqs = boto3.client("sqs")
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["pk"]["S"]
        if key.startswith("poison"):
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps({"key": key}))
    return {"batchItemFailures": []}


def describe_request(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a REST API's request with what came of it."""
    claims = (event["requestContext"].get("authorizer") or {}).get("claims") or {}
    seen = {
        "headers": event["headers"],
        "all_headers": event["multiValueHeaders"],
        "path": event["pathParameters"],
        "sent": event["path"],
        "user": claims.get("cognito:username"),
    }
    return {"statusCode": 200, "body": json.dumps(seen)}


def send_event(event: dict[str, Any], context: Any) -> None:
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(event))
