"""When a failed message comes again: after a wait that grows, not after the whole visibility timeout.

The visibility timeout must cover the slowest batch; what failed fast may come again much earlier.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_GROWTH = 4
_LONGEST = 3600
_LONGEST_DELAY = 900


@dataclass(frozen=True, slots=True)
class Redelivery:
    """The first wait is `first_seconds`, each next one four times as long."""

    sqs: "SQSClient"
    queue_url: str
    first_seconds: int

    def postpone(self, record: SQSRecord) -> None:
        """If this fails, the message comes after the visibility timeout, as if nobody had asked."""
        failures = int(record.attributes.approximate_receive_count)
        wait = min(self.first_seconds * _GROWTH ** (failures - 1), _LONGEST)
        self.sqs.change_message_visibility(
            QueueUrl=self.queue_url, ReceiptHandle=record.receipt_handle, VisibilityTimeout=wait
        )

    def send_again(self, record: SQSRecord, seconds: int) -> None:
        """Put a copy of the message into the queue, to come in so many seconds, at most 15 minutes.

        For what was not tried: a message that only came back would count as received, until it is a dead
        letter. Whoever calls this then lets the message itself go; if that fails, there are two.
        """
        self.sqs.send_message(
            QueueUrl=self.queue_url, MessageBody=record.body, DelaySeconds=min(seconds, _LONGEST_DELAY)
        )
