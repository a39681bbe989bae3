"""A batch gives back exactly what failed; what nobody can read goes to the dead letters at once."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import BaseModel

from jetbridge.contracts.inventory import StockReleased
from jetbridge.contracts.payments import PaymentDeclined, PaymentKind
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.observability import logger
from jetbridge.runtime.queues import DeadLetters, Unreadable, consume, consume_events, read_body, read_event
from jetbridge.runtime.redelivery import Redelivery
from tests.lambda_events import context, failed, from_bus, sqs, told

RELEASED = told(StockReleased(order_id="order-1"), entity_id="order-1")
DECLINED = told(PaymentDeclined(reference="order-1", kind=PaymentKind.ORDER, reason="card_declined"))


class RecordingSqs:
    """Remembers what it was asked; `broken` makes every call fail."""

    def __init__(self, *, broken: bool = False) -> None:
        self.sent: list[dict[str, Any]] = []
        self.postponed: list[dict[str, Any]] = []
        self._broken = broken

    def send_message(self, **asked: Any) -> None:
        if self._broken:
            raise ConnectionError("no queue")
        self.sent.append(asked)

    def change_message_visibility(self, **asked: Any) -> None:
        if self._broken:
            raise ConnectionError("no queue")
        self.postponed.append(asked)


def dead_letters(queue: RecordingSqs, name: str = "dlq") -> DeadLetters:
    client: Any = queue
    return DeadLetters(client, f"https://sqs/{name}")


def fail_on(*bodies: str) -> Any:
    def on_message(record: SQSRecord) -> None:
        if record.body in bodies:
            raise RuntimeError("fault")

    return on_message


def test_a_batch_gives_back_exactly_the_messages_that_failed() -> None:
    batch = sqs("a", "b", "c", "d")
    answer = consume(batch, context(), fail_on("b", "d"), dead_letters=dead_letters(RecordingSqs()))
    assert failed(answer, batch) == [1, 3]


def test_a_batch_of_which_everything_failed_is_still_a_list_of_failures() -> None:
    batch = sqs("a", "b")
    answer = consume(batch, context(), fail_on("a", "b"), dead_letters=dead_letters(RecordingSqs()))
    assert failed(answer, batch) == [0, 1]


def test_a_failure_on_a_fifo_queue_holds_back_the_rest_of_its_group_and_no_other() -> None:
    handled: list[str] = []

    def on_message(record: SQSRecord) -> None:
        if record.body == "red-1":
            raise RuntimeError("fault")
        handled.append(record.body)

    batch = sqs(
        "red-1", "blue-1", "red-2", "blue-2", queue="paints.fifo", groups=("red", "blue", "red", "blue")
    )
    answer = consume(batch, context(), on_message, dead_letters=dead_letters(RecordingSqs(), "dlq.fifo"))
    assert failed(answer, batch) == [0, 2]
    assert handled == ["blue-1", "blue-2"]


@pytest.mark.parametrize("body", ["{", "[" * 100_000], ids=["cut off", "brackets without end"])
def test_an_unreadable_message_goes_to_the_dead_letters_as_it_came_and_is_not_retried(body: str) -> None:
    queue = RecordingSqs()
    batch = sqs(body, from_bus(RELEASED))
    answer = consume_events(batch, context(), lambda _: None, dead_letters=dead_letters(queue))
    assert failed(answer, batch) == []
    assert queue.sent == [
        {
            "QueueUrl": "https://sqs/dlq",
            "MessageBody": body,
            "MessageAttributes": {"reason": {"DataType": "String", "StringValue": "/: not JSON"}},
        }
    ]


def test_an_unreadable_message_of_a_fifo_queue_keeps_its_group_and_lets_the_group_go_on() -> None:
    queue = RecordingSqs()
    heard: list[str] = []
    batch = sqs("{", DECLINED.to_wire(), queue="payments.fifo", groups=("order-1", "order-1"))
    answer = consume_events(
        batch,
        context(),
        lambda event: heard.append(event.metadata.type),
        dead_letters=dead_letters(queue, "dlq.fifo"),
    )
    assert failed(answer, batch) == []
    assert heard == ["PaymentDeclined"]
    assert queue.sent[0]["MessageGroupId"] == "order-1"
    assert queue.sent[0]["MessageDeduplicationId"] == batch["Records"][0]["messageId"]


def test_an_unreadable_message_that_cannot_be_buried_is_delivered_again() -> None:
    batch = sqs("{")
    broken = dead_letters(RecordingSqs(broken=True))
    assert failed(consume_events(batch, context(), lambda _: None, dead_letters=broken), batch) == [0]


def test_a_failed_message_comes_again_after_a_wait_that_grows() -> None:
    queue = RecordingSqs()
    client: Any = queue
    redelivery = Redelivery(client, "https://sqs/q", first_seconds=5)
    for count in (1, 2, 3, 9):
        batch = sqs("a")
        batch["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(count)
        answer = consume(
            batch, context(), fail_on("a"), dead_letters=dead_letters(queue), redelivery=redelivery
        )
        assert failed(answer, batch) == [0]
    assert [asked["VisibilityTimeout"] for asked in queue.postponed] == [5, 20, 80, 3600]


def meet_others(_: SQSRecord) -> None:
    raise ConcurrentUpdate("order-1")


def test_a_message_that_met_others_is_sent_anew_to_come_soon_and_counts_no_failure() -> None:
    queue, batch = RecordingSqs(), sqs("a")
    client: Any = queue
    redelivery = Redelivery(client, "https://sqs/q", first_seconds=5)
    answer = consume(batch, context(), meet_others, dead_letters=dead_letters(queue), redelivery=redelivery)
    assert failed(answer, batch) == []
    (message,) = queue.sent
    assert (message["QueueUrl"], message["MessageBody"]) == ("https://sqs/q", "a")
    assert 1 <= message["DelaySeconds"] <= 5
    assert queue.postponed == []


def test_a_message_that_met_others_and_cannot_be_sent_anew_is_delivered_again() -> None:
    queue, batch = RecordingSqs(broken=True), sqs("a")
    client: Any = queue
    redelivery = Redelivery(client, "https://sqs/q", first_seconds=5)
    answer = consume(batch, context(), meet_others, dead_letters=dead_letters(queue), redelivery=redelivery)
    assert failed(answer, batch) == [0]


@pytest.mark.parametrize(("asked", "delay"), [(31, 31), (900, 900), (901, 900)])
def test_a_message_that_was_not_tried_is_sent_anew_to_come_in_a_while(asked: int, delay: int) -> None:
    queue = RecordingSqs()
    client: Any = queue
    record = SQSRecord(sqs("a")["Records"][0])
    Redelivery(client, "https://sqs/q", first_seconds=5).send_again(record, asked)
    assert queue.sent == [{"QueueUrl": "https://sqs/q", "MessageBody": "a", "DelaySeconds": delay}]


def test_each_message_is_logged_under_its_own_correlation_id() -> None:
    """An unreadable message must not be blamed on the business transaction before it in the batch."""
    seen: list[str | None] = []
    batch = sqs(from_bus(RELEASED), "second")

    def on_message(record: SQSRecord) -> None:
        if record.body != "second":
            logger.set_correlation_id("correlation-1")
        seen.append(logger.get_correlation_id())

    consume(batch, context(), on_message, dead_letters=dead_letters(RecordingSqs()))
    assert seen == ["correlation-1", batch["Records"][1]["messageId"]]


def test_an_event_is_read_alike_from_the_bus_and_from_the_topic() -> None:
    assert (
        read_event(json.dumps(from_bus(RELEASED))) == read_event(json.dumps(RELEASED.to_wire())) == RELEASED
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "[" * 100_000,
        "7",
        "{}",
        '{"detail": 7}',
        '{"detail": {}}',
        json.dumps({"metadata": RELEASED.to_wire()["metadata"] | {"type": "SkyFell"}, "data": {}}),
        json.dumps(RELEASED.to_wire() | {"data": {}}),
        json.dumps(RELEASED.to_wire() | {"metadata": {"type": "StockReleased"}}),
    ],
)
def test_what_is_no_event_of_the_registry_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        read_event(body)


def test_the_faults_of_a_body_name_places_and_never_values() -> None:
    class Desk(BaseModel):
        drawers: int
        name: str

    with pytest.raises(Unreadable) as caught:
        read_body(Desk, '{"drawers": "hunter2"}')
    assert {fault.split(":")[0] for fault in caught.value.faults} == {"/drawers", "/name"}
    assert "hunter2" not in str(caught.value)
