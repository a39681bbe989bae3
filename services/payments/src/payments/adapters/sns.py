"""Payment events on the FIFO topic, in order per reference. The only place of Jetbridge that publishes."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jetbridge.contracts.envelope import Envelope
from jetbridge.contracts.payments import PaymentEvent

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import PublishBatchRequestEntryTypeDef

type Told = Envelope[PaymentEvent]

_MOST = 10  # entries that one PublishBatch takes


class SnsEvents:
    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, events: Sequence[Told]) -> int:
        told = 0
        for batch in batches_of(events):
            answer = self._client.publish_batch(
                TopicArn=self._topic_arn,
                PublishBatchRequestEntries=[_entry(place, event) for place, event in enumerate(batch)],
            )
            failed = [int(entry["Id"]) for entry in answer["Failed"]]
            if failed:
                return told + min(failed)
            told += len(batch)
        return told


def batches_of(events: Sequence[Told]) -> Iterator[list[Told]]:
    """Ten events at most, one of each reference: what fails must not be overtaken by its successor."""
    batch: list[Told] = []
    for event in events:
        if len(batch) == _MOST or event.data.reference in {other.data.reference for other in batch}:
            yield batch
            batch = []
        batch.append(event)
    if batch:
        yield batch


def _entry(place: int, event: Told) -> "PublishBatchRequestEntryTypeDef":
    return {
        "Id": str(place),
        "Message": json.dumps(event.to_wire()),
        "MessageGroupId": event.data.reference,
        "MessageDeduplicationId": event.metadata.event_id,
    }
