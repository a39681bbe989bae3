"""Events as they arrive in functions, and the context they come with. The only builders of such things."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from boto3.dynamodb.types import TypeSerializer

from jetbridge.contracts.envelope import Envelope, EventData, tell

CUSTOMER = "c1a5e2d0-0000-4000-8000-000000000001"
OTHER_CUSTOMER = "c1a5e2d0-0000-4000-8000-000000000002"
OPERATOR = "c1a5e2d0-0000-4000-8000-000000000003"


@dataclass
class Context:
    """As much of a Lambda context as Powertools reads."""

    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:000000000000:function:test"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))

    remaining_millis: int = 10_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_millis


def context(*, seconds: int = 10) -> Any:
    """A context with so much time left."""
    return Context(remaining_millis=seconds * 1000)


def api_request(
    method: str,
    path: str,
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    subject: str | None = CUSTOMER,
    username: str = "user1",
    groups: str = "",
) -> dict[str, Any]:
    """A REST API proxy event (v1). Text is sent as it is, other bodies as JSON; `subject` None: no token."""
    claims = {"sub": subject, "cognito:username": username} | ({"cognito:groups": groups} if groups else {})
    sent = {"Content-Type": "application/json", **(headers or {})}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": str(uuid4()),
            "stage": "dev",
            "path": f"/dev{path}",
            "httpMethod": method,
            "identity": {"sourceIp": "127.0.0.1"},
            "authorizer": {"claims": claims} if subject else None,
        },
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }


def sqs(*bodies: object, queue: str = "queue", groups: tuple[str, ...] = ()) -> dict[str, Any]:
    """A batch from a queue; a name that ends in `.fifo` makes it FIFO, with `groups` one per body."""
    return {
        "Records": [_message(body, queue, groups[n] if groups else None) for n, body in enumerate(bodies)]
    }


def _message(body: object, queue: str, group: str | None) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1795253400000",
        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
        "ApproximateFirstReceiveTimestamp": "1795253400001",
    }
    if queue.endswith(".fifo"):
        attributes |= {"MessageGroupId": group or "group", "SequenceNumber": "1"}
    return {
        "messageId": str(uuid4()),
        "receiptHandle": str(uuid4()),
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:000000000000:{queue}",
        "awsRegion": "eu-west-1",
    }


def failed(answer: Mapping[str, Any], event: Mapping[str, Any]) -> list[int]:
    """Which messages of the batch, by position, an answer gives back."""
    ids = [record["messageId"] for record in event["Records"]]
    return sorted(ids.index(failure["itemIdentifier"]) for failure in answer["batchItemFailures"])


def told(data: EventData, *, entity_id: str = "entity", version: int = 1) -> Envelope[Any]:
    """An event as its producer tells it."""
    return tell(
        data,
        entity_id=entity_id,
        version=version,
        occurred_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        correlation_id="correlation-1",
        causation_id="cause-1",
    )


def from_bus(event: Envelope[Any]) -> dict[str, Any]:
    """The event as a rule of the bus delivers it."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": event.metadata.type,
        "source": event.data.source,
        "account": "000000000000",
        "time": "2026-11-21T09:30:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": event.to_wire(),
    }


def transformed(transformer: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """As EventBridge: each `<name>` becomes the value at its path, as JSON. A path that is missing fails."""
    text: str = transformer["InputTemplate"]
    for name, path in transformer["InputPathsMap"].items():
        value: Any = event
        for step in path.removeprefix("$.").split("."):
            value = value[step]
        text = text.replace(f"<{name}>", json.dumps(value))
    return text


def stream_record(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, Any]:
    """One change in a table's stream, from plain values."""
    images = {"OldImage": old, "NewImage": new}
    name = "MODIFY" if old and new else "INSERT" if new else "REMOVE"
    return {
        "eventID": uuid4().hex,
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:000000000000:table/t/stream/2026-11-21T09:30:00.000",
        "dynamodb": {
            "ApproximateCreationDateTime": 1795253400,
            "Keys": {},
            "SequenceNumber": "1",
            "SizeBytes": 100,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **{image: _attributes(values) for image, values in images.items() if values},
        },
    }


def _attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items() if value is not None}
