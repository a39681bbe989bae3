"""The table's stream in, messages of the FIFO topic out."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from jetbridge.contracts.payments import PaymentKind, PaymentVoided
from payments import bootstrap
from payments.adapters.dynamodb import row_of
from payments.adapters.sns import SnsEvents, Told, batches_of
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from payments.handlers.payment_changes import handler
from tests.fakes.payments import NOON, request
from tests.lambda_events import context, stream_record, told
from tests.samples import samples_of

sample = samples_of("payments")


@pytest.fixture
def subscriber(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What a queue behind the topic has received."""
    with mock_aws():
        sns, sqs = boto3.client("sns"), boto3.client("sqs")
        topic = sns.create_topic(Name="payment-events.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
        url = sqs.create_queue(QueueName="subscriber.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        monkeypatch.setenv("PAYMENT_EVENTS_TOPIC_ARN", topic)

        def received() -> list[dict[str, Any]]:
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])
            return list(map(dict, found.get("Messages", [])))

        yield received


def changes(*references: str) -> dict[str, Any]:
    """A payment of each reference is voided; sequence numbers count from 100."""
    records = []
    for number, reference in enumerate(references, start=100):
        payment = Payment.begun(request(reference), PaymentStatus.VOIDED, NOON)
        record = stream_record(None, row_of(payment))
        record["dynamodb"]["SequenceNumber"] = str(number)
        records.append(record)
    return {"Records": records}


def test_changes_are_told_in_order_as_raw_events_grouped_by_reference(subscriber: Any) -> None:
    assert handler(sample("changes_to_captured_and_refunded"), context()) == {"batchItemFailures": []}
    messages = subscriber()
    bodies = [json.loads(message["Body"]) for message in messages]
    assert [body["metadata"]["type"] for body in bodies] == ["PaymentCaptured", "PaymentRefunded"]
    for message, body in zip(messages, bodies, strict=True):
        assert message["Attributes"]["MessageGroupId"] == body["data"]["reference"]
        assert message["Attributes"]["MessageDeduplicationId"] == body["metadata"]["event_id"]


def test_the_sample_of_a_declined_payment_is_told_with_its_reason(subscriber: Any) -> None:
    handler(sample("change_to_declined"), context())
    assert json.loads(subscriber()[0]["Body"])["data"]["reason"] == "insufficient_funds"


def test_a_record_told_twice_is_one_message(subscriber: Any) -> None:
    handler(changes("order-1"), context())
    handler(changes("order-1"), context())
    assert len(subscriber()) == 1


class Refusing:
    """A topic that takes all events but those of some references."""

    def __init__(self, *references: str) -> None:
        self.refused = references
        self.taken: list[str] = []

    def publish_batch(self, *, TopicArn: str, PublishBatchRequestEntries: Sequence[Any]) -> dict[str, Any]:  # noqa: N803
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in PublishBatchRequestEntries:
            refused = entry["MessageGroupId"] in self.refused
            answer["Failed" if refused else "Successful"].append({"Id": entry["Id"]})
            self.taken += [] if refused else [entry["MessageGroupId"]]
        return answer


def test_the_stream_comes_back_to_the_first_event_that_the_topic_did_not_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topic = Refusing("order-2")
    monkeypatch.setattr(bootstrap, "events", lambda: SnsEvents(topic, "topic"))  # type: ignore[arg-type]
    answer = handler(changes("order-1", "order-2", "order-3"), context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "101"}]}
    assert topic.taken == ["order-1", "order-3"]


def test_after_a_refused_event_nothing_later_of_its_reference_is_told() -> None:
    topic = Refusing("order-1")
    events = [told(PaymentVoided(reference="order-1", kind=PaymentKind.ORDER), version=n) for n in (1, 2)]
    assert SnsEvents(topic, "topic").publish(events) == 0  # type: ignore[arg-type]
    assert topic.taken == []


def test_a_change_that_cannot_be_read_is_buried_and_holds_nothing_back(
    subscriber: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = boto3.client("sqs")
    monkeypatch.setenv("DEAD_LETTERS_URL", sqs.create_queue(QueueName="dlq")["QueueUrl"])
    event = changes("order-1", "order-2")
    del event["Records"][0]["dynamodb"]["NewImage"]["version"]
    assert handler(event, context()) == {"batchItemFailures": []}
    assert [json.loads(message["Body"])["data"]["reference"] for message in subscriber()] == ["order-2"]
    (letter,) = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="dlq")["QueueUrl"])["Messages"]
    assert json.loads(letter["Body"]) == event["Records"][0]


@given(st.lists(st.sampled_from("abcdef"), max_size=40))
def test_batches_keep_the_order_and_hold_ten_at_most_and_one_of_each_reference(references: list[str]) -> None:
    events: list[Told] = [
        told(PaymentVoided(reference=reference, kind=PaymentKind.ORDER)) for reference in references
    ]
    batches = list(batches_of(events))
    assert [event for batch in batches for event in batch] == events
    for batch in batches:
        assert 1 <= len(batch) <= 10
        assert len({event.data.reference for event in batch}) == len(batch)
