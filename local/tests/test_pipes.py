"""A write reaches the bus by stream, filter, enrichment and template; what fails reaches the DLQ."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def stack(deploy: Callable[..., Any]) -> Any:
    return deploy("pipes")


@pytest.fixture
def put(aws: Callable[[str], Any], stack: Any) -> Callable[..., None]:
    def put(**item: str) -> None:
        aws("dynamodb").put_item(TableName=stack["Table"], Item={k: {"S": v} for k, v in item.items()})

    return put


@pytest.fixture
def receive(messages: Callable[[str], Any], stack: Any) -> Callable[[str], Any]:
    return lambda queue: messages(stack[queue])


def test_a_write_becomes_an_enriched_event_with_its_own_detail_type(
    put: Any, receive: Any, until: Any
) -> None:
    put(pk="o-1", type="OrderPlaced")
    (event,) = until(lambda: receive("Queue"))
    assert (event["source"], event["detail-type"]) == ("tests.pipes", "OrderPlaced")
    assert event["detail"] == {"metadata": {"type": "OrderPlaced"}, "data": {"id": "o-1"}, "id": "the o-1"}


def test_filtered_and_unenriched_records_do_not_reach_the_target(put: Any, receive: Any, until: Any) -> None:
    put(pk="hidden", type="OrderPlaced", hidden="yes")
    put(pk="untyped")
    put(pk="o-2", type="OrderConfirmed")
    (event,) = until(lambda: receive("Queue"))
    assert event["detail"]["data"]["id"] == "o-2"


def test_a_write_is_on_the_bus_within_300_ms(put: Any, receive: Any) -> None:
    started = time.monotonic()
    put(pk="fast", type="OrderPlaced")
    assert receive("Queue")
    assert time.monotonic() - started < 0.3


def test_a_poison_record_goes_to_the_dlq_alone(put: Any, receive: Any, until: Any) -> None:
    put(pk="before", type="OrderPlaced")
    put(pk="poison", type="Poison")
    put(pk="after", type="OrderPlaced")
    seen: list[str] = []

    def arrived() -> bool:
        seen.extend(event["detail"]["data"]["id"] for event in receive("Queue"))
        return len(seen) >= 2

    until(arrived)
    assert seen == ["before", "after"]
    (lost,) = until(lambda: receive("Dlq"))
    assert lost["context"]["condition"] == "RetryAttemptsExhausted"
    assert lost["DDBStreamBatchInfo"]["batchSize"] == 1
    assert "/stream/" in lost["DDBStreamBatchInfo"]["streamArn"]


def test_a_pipe_may_only_do_what_its_role_allows(
    put: Any, receive: Any, stack: Any, emulator: Any, until: Any
) -> None:
    denied = f"pipe {stack.name}-denied"
    put(pk="o-3", type="OrderPlaced")
    until(lambda: receive("Queue"))
    reason = f"{denied}: User: .*not authorized to perform: dynamodb:GetRecords"
    until(lambda: re.search(reason, emulator.log.read_text()))


def test_a_queue_feeds_a_fifo_queue_with_a_dynamic_group(
    aws: Any, stack: Any, receive: Any, until: Any
) -> None:
    for amount in (5, 20):
        body = json.dumps({"amount": amount, "customer": "zed"})
        aws("sqs").send_message(QueueUrl=stack["Inbox"], MessageBody=body)
    (paid,) = until(lambda: receive("Fifo"))
    assert paid["paid"] == 20
    assert paid["_message"]["Attributes"]["MessageGroupId"] == "zed"
