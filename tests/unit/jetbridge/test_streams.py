"""A table's stream becomes events: in order, nothing for what is none, and always the same ones."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from jetbridge.contracts.envelope import Envelope
from jetbridge.contracts.inventory import StockReleased
from jetbridge.runtime.queues import DeadLetters
from jetbridge.runtime.streams import Change, change_of, events_of
from tests.lambda_events import stream_record, told


def tell_release(change: Change) -> Envelope[Any] | None:
    if change.new is None or change.new["status"] != "RELEASED":
        return None
    return told(StockReleased(order_id=change.new["id"]), entity_id=change.new["id"])


def test_a_record_is_read_as_the_images_before_and_after() -> None:
    change = change_of(stream_record({"id": "1", "n": 1}, {"id": "1", "n": Decimal("2.5"), "tags": ["a"]}))
    assert change.old == {"id": "1", "n": 1}
    assert change.new == {"id": "1", "n": Decimal("2.5"), "tags": ["a"]}
    assert change.at == datetime.fromtimestamp(1795253400, UTC)


def test_an_insert_has_no_image_before_and_a_removal_none_after() -> None:
    assert change_of(stream_record(None, {"id": "1"})).old is None
    assert change_of(stream_record({"id": "1"}, None)).new is None


def test_events_come_in_the_order_of_the_records_and_other_records_leave_no_trace() -> None:
    records = [
        stream_record(None, {"id": "1", "status": "RELEASED"}),
        stream_record({"id": "2", "status": "HELD"}, None),
        stream_record(None, {"id": "3", "status": "HELD"}),
        stream_record({"id": "4", "status": "HELD"}, {"id": "4", "status": "RELEASED"}),
    ]
    assert [
        event["data"]["order_id"] for event in events_of(records, tell_release, dead_letters=out_of_reach)
    ] == ["1", "4"]


def test_a_record_told_twice_is_the_same_event_twice() -> None:
    record = stream_record(None, {"id": "1", "status": "RELEASED"})
    first, second = events_of([record, record], tell_release, dead_letters=out_of_reach)
    assert first == second


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_record_that_cannot_be_read_is_buried_and_holds_nothing_back(size: int) -> None:
    unreadable = stream_record(None, {"id": "1", "text": "x" * size})
    letters = Letters()
    events = events_of(
        [unreadable, stream_record(None, {"id": "2", "status": "RELEASED"})],
        tell_release,
        dead_letters=lambda: DeadLetters(letters, "dlq"),  # type: ignore[arg-type]
    )
    assert [event["data"]["order_id"] for event in events] == ["2"]
    (letter,) = letters.sent
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "KeyError"
    assert json.loads(letter["MessageBody"])["eventID"] == unreadable["eventID"]
    assert len(letter["MessageBody"]) < 256 * 1024


def test_a_record_may_be_several_events_and_is_buried_once() -> None:
    def tell_again(change: Change) -> Envelope[Any] | None:
        return told(StockReleased(order_id="again"), entity_id="again") if tell_release(change) else None

    letters = Letters()
    records = [
        stream_record(None, {"id": "1"}),
        stream_record(None, {"id": "2", "status": "RELEASED"}),
        stream_record(None, {"id": "3", "status": "RELEASED"}),
    ]
    events = events_of(
        records,
        tell_release,
        tell_again,
        dead_letters=lambda: DeadLetters(letters, "dlq"),  # type: ignore[arg-type]
    )
    assert [event["data"]["order_id"] for event in events] == ["2", "again", "3", "again"]
    assert len(letters.sent) == 1


def test_what_cannot_be_buried_fails_the_batch() -> None:
    with pytest.raises(ConnectionError):
        events_of([stream_record(None, {"id": "1"})], tell_release, dead_letters=out_of_reach)


class Letters:
    """As much of an SQS client as burying needs."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **letter: Any) -> None:
        self.sent.append(letter)


def out_of_reach() -> DeadLetters:
    raise ConnectionError
