"""Handlers that the tests deploy: each shows one thing that a function may do."""

import json
import logging
import os
import sys
from typing import Any

import boto3

logger = logging.getLogger()


class OutOfStock(Exception):
    pass


def echo(event: Any, context: Any) -> Any:
    return event


def fail(event: Any, context: Any) -> Any:
    raise OutOfStock(f"nothing left of {event}")


def describe_environment(event: Any, context: Any) -> dict[str, Any]:
    logger.info("describing %s", context.function_name)
    print("printed")
    return {
        "environment": dict(os.environ),
        "path": sys.path,
        "pid": os.getpid(),
        "caller": boto3.client("sts").get_caller_identity()["Arn"],
    }


def events_of_records(records: list[Any], context: Any) -> list[Any]:
    """An enrichment: one event for an item with a type, nothing for others; an item of type Poison fails."""
    images = [record["dynamodb"].get("NewImage", {}) for record in records]
    types = [(image["type"]["S"], image["pk"]["S"]) for image in images if "type" in image]
    if "Poison" in dict(types):
        raise OutOfStock("poison")
    return [{"metadata": {"type": kind}, "data": {"id": key}} for kind, key in types]


def put_item(event: dict[str, Any], context: Any) -> None:
    """Write what the event says to the table of the environment, one item per SQS record."""
    table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    for record in event["Records"]:
        table.put_item(Item={"pk": record["messageId"], "body": json.dumps(record["body"])})
