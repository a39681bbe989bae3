"""Where a pipe reads from: a DynamoDB stream or an SQS queue."""

import json
import time
from datetime import UTC, datetime
from typing import Any, Protocol

from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb, pipes

from embedded import identity

Pipe = dict[str, Any]
Record = dict[str, Any]


class Source(Protocol):
    retries_itself: bool
    bisects: bool

    def read(self) -> list[Record]:
        """The next records, at most a batch of them; none if there are none now."""

    def finish(self, records: list[Record]) -> None:
        """These are done with, all that were read: do not give them again."""

    def gives_up_after(self, attempt: int, records: list[Record]) -> bool: ...

    def send_to_dlq(self, records: list[Record]) -> None: ...


def source_of(pipe: Pipe) -> Source:
    service = pipe["Source"].split(":")[2]
    if service == "dynamodb":
        return StreamSource(pipe)
    if service == "sqs":
        return QueueSource(pipe)
    raise ValueError(f"pipe {pipe['Name']}: the embedded AWS reads DynamoDB streams and SQS, not {service}")


class StreamSource:
    """Keeps its place in `pipes._positions`, as ministack does; moves on only when a batch is done with."""

    retries_itself = False

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._table = pipe["Source"].split("/")[1]
        self._settings = (pipe.get("SourceParameters") or {}).get("DynamoDBStreamParameters") or {}
        self.bisects = self._settings.get("OnPartialBatchItemFailure") == "AUTOMATIC_BISECT"

    def read(self) -> list[Record]:
        scope = {"account_id": get_account_id(), "region": get_region()}
        reached = int(pipes._positions.get(self._pipe["Arn"], 0))
        position = max(reached, dynamodb.stream_start_position(self._table, **scope))
        size = int(self._settings.get("BatchSize", 100))
        records = dynamodb.stream_records_since(self._table, position, size, **scope)
        if records:
            self._refuse_without_permission()
            pipes._positions[self._pipe["Arn"]] = position
        return list(records)

    def _refuse_without_permission(self) -> None:
        for action in ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"):
            if denied := identity.denial(self._pipe["RoleArn"], action, self._pipe["Source"]):
                raise PermissionError(denied)

    def finish(self, records: list[Record]) -> None:
        arn = self._pipe["Arn"]
        if arn in pipes._positions:
            pipes._positions[arn] = int(pipes._positions[arn]) + len(records)

    def gives_up_after(self, attempt: int, records: list[Record]) -> bool:
        retries = int(self._settings.get("MaximumRetryAttempts", -1))
        longest = int(self._settings.get("MaximumRecordAgeInSeconds", -1))
        age = time.time() - records[0]["dynamodb"]["ApproximateCreationDateTime"]
        return 0 <= retries <= attempt or 0 <= longest < age

    def send_to_dlq(self, records: list[Record]) -> None:
        """What AWS sends is where the records are, not the records; without a DLQ they are dropped."""
        queue = (self._settings.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
        message = {
            "context": {"partnerResourceArn": self._pipe["Arn"], "condition": "RetryAttemptsExhausted"},
            "version": "1.0",
            "timestamp": _iso(time.time()),
            "DDBStreamBatchInfo": {
                "shardId": "shardId-00000000000000000000-00000000",
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _iso(first["ApproximateCreationDateTime"]),
                "approximateArrivalOfLastRecord": _iso(last["ApproximateCreationDateTime"]),
                "batchSize": len(records),
                "streamArn": self._pipe["Source"],
            },
        }
        identity.client("sqs", self._pipe["RoleArn"]).send_message(
            QueueUrl=identity.queue_url(queue), MessageBody=json.dumps(message)
        )


class QueueSource:
    """What is not delivered becomes visible again; the queue's own redrive policy gives up."""

    retries_itself = True
    bisects = False

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._settings = (pipe.get("SourceParameters") or {}).get("SqsQueueParameters") or {}
        self._sqs = identity.client("sqs", pipe["RoleArn"])
        self._url = identity.queue_url(pipe["Source"])

    def read(self) -> list[Record]:
        size = min(int(self._settings.get("BatchSize", 10)), 10)
        received = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=size,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [self._record(message) for message in received.get("Messages", [])]

    def _record(self, message: dict[str, Any]) -> Record:
        attributes = message.get("MessageAttributes") or {}
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes") or {},
            "messageAttributes": {name: _camel_case(value) for name, value in attributes.items()},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._pipe["Source"],
            "awsRegion": get_region(),
        }

    def finish(self, records: list[Record]) -> None:
        for record in records:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=record["receiptHandle"])

    def gives_up_after(self, attempt: int, records: list[Record]) -> bool:
        return True

    def send_to_dlq(self, records: list[Record]) -> None:
        raise NotImplementedError("a queue's own redrive policy does this")


def _camel_case(attribute: dict[str, Any]) -> dict[str, Any]:
    return {name[0].lower() + name[1:]: value for name, value in attribute.items()}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
