"""The samples in events/bookings/ do what their names say."""

import json
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import boto3
import pytest
from moto import mock_aws

from bookings import bootstrap
from bookings.adapters.bookings import DynamoBookings
from bookings.adapters.flights import DynamoFlights
from bookings.domain.bookings import BookingStatus
from bookings.handlers import (
    ask_transfer,
    book_seats,
    booking_changes,
    cancel_booking,
    cancel_transfer,
    collect_payment,
    confirm_booking,
    get_bookings,
    get_flights,
    give_back_booking,
    payment_events,
    pending_bookings,
    put_flight,
    refund_payment,
    reserve_booking,
    settle_booking,
    undo_booking,
)
from bookings.settings import ConsumerSettings
from checks.patterns import matches
from checks.templates import service
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import Handler
from tests.fakes.bookings import FakePartner, FakeWaitingSaga, booking
from tests.lambda_events import CUSTOMER, OPERATOR, context
from tests.samples import samples_of

sample = samples_of("bookings")

BOOKING_ID = "677a6ddc-6f4d-538d-ae1b-a5873ae90b01"


def send(handler: Handler, name: str) -> Any:
    return handler(sample(name), context(seconds=60))


@pytest.fixture
def stored(bookings: DynamoBookings) -> DynamoBookings:
    bookings.add(booking(booking_id=BOOKING_ID, customer_id=CUSTOMER))
    return bookings


def status_in(bookings: DynamoBookings) -> BookingStatus:
    found = bookings.get(BOOKING_ID)
    assert found is not None
    return found.status


@pytest.mark.parametrize(
    ("name", "handler", "status"),
    [
        ("put_flight_by_customer", put_flight.handler, HTTPStatus.FORBIDDEN),
        ("get_flight", get_flights.handler, HTTPStatus.OK),
        ("get_flights", get_flights.handler, HTTPStatus.OK),
        ("post_booking", book_seats.handler, HTTPStatus.ACCEPTED),
        ("post_booking_with_transfer", book_seats.handler, HTTPStatus.ACCEPTED),
        ("post_booking_without_key", book_seats.handler, HTTPStatus.BAD_REQUEST),
        ("post_booking_of_unknown_flight", book_seats.handler, HTTPStatus.NOT_FOUND),
        ("delete_booking", give_back_booking.handler, HTTPStatus.CONFLICT),
        ("get_booking", get_bookings.handler, HTTPStatus.OK),
        ("list_bookings", get_bookings.handler, HTTPStatus.OK),
    ],
)
def test_the_requests_are_answered(
    stored: DynamoBookings, name: str, handler: Handler, status: HTTPStatus
) -> None:
    assert send(put_flight.handler, "put_flight")["statusCode"] == HTTPStatus.OK
    assert send(handler, name)["statusCode"] == status


def test_the_sample_of_a_cancellation_gives_a_confirmed_booking_back(bookings: DynamoBookings) -> None:
    send(put_flight.handler, "put_flight")
    bookings.add(booking(booking_id=BOOKING_ID, customer_id=CUSTOMER, status=BookingStatus.CONFIRMED))
    for _ in range(2):
        answer = send(give_back_booking.handler, "delete_booking")
        assert answer["statusCode"] == HTTPStatus.ACCEPTED
        told = json.loads(answer["body"])
        assert told["refund"] == told["total"] == {"amount": "100.50", "currency": "USD"}
        assert told["fee"] == {"amount": "0.00", "currency": "USD"}
    [started] = executions()
    assert started == sample("compensate_booking") | {"correlation_id": "correlation-1"}


def executions() -> list[Any]:
    """The inputs of all that was started."""
    states = boto3.client("stepfunctions")
    [machine] = states.list_state_machines()["stateMachines"]
    found = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    return [json.loads(states.describe_execution(executionArn=it["executionArn"])["input"]) for it in found]


@pytest.mark.parametrize(
    ("name", "status", "started"),
    [
        ("post_compensation", HTTPStatus.ACCEPTED, 1),
        ("post_compensation_by_customer", HTTPStatus.FORBIDDEN, 0),
    ],
)
def test_operators_have_a_booking_undone(
    stored: DynamoBookings, name: str, status: HTTPStatus, started: int
) -> None:
    assert send(undo_booking.handler, name)["statusCode"] == status
    assert len(executions()) == started


def test_the_sample_of_a_search_finds_the_sample_of_a_flight(flights: DynamoFlights) -> None:
    send(put_flight.handler, "put_flight")
    assert '"flightId":"JB101"' in send(get_flights.handler, "get_flights")["body"]


def test_the_tasks_take_a_booking_to_confirmed(stored: DynamoBookings, waiting: FakeWaitingSaga) -> None:
    send(reserve_booking.handler, "reserve_booking")
    send(collect_payment.handler, "collect_payment")
    assert send(payment_events.handler, "hear_payment_captured") == {"batchItemFailures": []}
    send(confirm_booking.handler, "confirm_booking")
    assert status_in(stored) is BookingStatus.CONFIRMED


def test_the_tasks_undo_a_booking(stored: DynamoBookings, waiting: FakeWaitingSaga) -> None:
    send(reserve_booking.handler, "reserve_booking")
    send(collect_payment.handler, "collect_payment")
    send(refund_payment.handler, "refund_payment")
    send(cancel_booking.handler, "cancel_booking")
    assert send(payment_events.handler, "hear_payment_refunded") == {"batchItemFailures": []}
    assert status_in(stored) is BookingStatus.FAILED


def test_a_declined_payment_is_told_to_the_saga(stored: DynamoBookings, waiting: FakeWaitingSaga) -> None:
    token = sample("collect_payment")["task_token"]
    waiting.waiting = {token}
    send(reserve_booking.handler, "reserve_booking")
    send(collect_payment.handler, "collect_payment")
    send(payment_events.handler, "hear_payment_declined")
    assert waiting.told == [(token, "declined: insufficient_funds")]


def test_a_transfer_is_asked_for_and_cancelled(
    bookings: DynamoBookings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings.add(booking(booking_id=BOOKING_ID, pickup="LHR Terminal 5"))
    partner = FakePartner()
    monkeypatch.setattr(bootstrap, "transfer_partner", lambda: partner)
    assert [send(ask_transfer.handler, "ask_transfer") for _ in range(2)] == [
        {"status": "pending"},
        {"status": "confirmed"},
    ]
    send(cancel_booking.handler, "cancel_booking")
    over = {"status": "failed", "reason": "booking_is_over"}
    assert send(ask_transfer.handler, "ask_transfer") == over, "which ends the asking"
    send(cancel_transfer.handler, "cancel_transfer")
    assert partner.log == [("ask", BOOKING_ID), ("ask", BOOKING_ID), ("cancel", BOOKING_ID)]


def test_what_could_not_be_undone_is_shown_and_cleared(stored: DynamoBookings) -> None:
    send(cancel_booking.handler, "cancel_booking")
    event = sample("get_booking")
    for _ in range(2):
        send(settle_booking.handler, "settle_booking")
    shown = json.loads(get_bookings.handler(event, context())["body"])
    assert shown["settling"] is True
    assert "unsettled" not in shown
    assert "Lambda" not in json.dumps(shown)
    event["requestContext"]["authorizer"]["claims"] |= {"cognito:groups": "operators", "sub": OPERATOR}
    [unsettled] = json.loads(get_bookings.handler(event, context())["body"])["unsettled"]
    assert (unsettled["compensation"], unsettled["error"]) == ("Refund Payment", "Lambda.Unknown")
    settle_booking.handler(sample("settle_booking") | {"missing": {}}, context())
    found = stored.get(BOOKING_ID)
    assert found is not None
    assert found.unsettled == ()


def test_a_booking_whose_saga_never_began_is_begun_by_the_schedule(bookings: DynamoBookings) -> None:
    old = booking(booking_id=BOOKING_ID, created_at=utc_now() - timedelta(minutes=4))
    bookings.add(old)
    bookings.add(booking(booking_id="new", created_at=utc_now()))
    bookings.add(replace(old, booking_id="begun", status=BookingStatus.RESERVED))
    send(pending_bookings.handler, "pursue_pending_bookings")
    assert [it["booking_id"] for it in executions()] == [BOOKING_ID]
    send(pending_bookings.handler, "pursue_pending_bookings")
    found = bookings.get(BOOKING_ID)
    assert found is not None
    assert found.pursued_until is not None
    assert found.version == old.version + 1


def test_a_task_without_a_reason_is_refused(stored: DynamoBookings) -> None:
    with pytest.raises(ValueError, match="reason"):
        send(cancel_booking.handler, "cancel_booking_without_reason")


def test_an_unreadable_payment_is_a_dead_letter_at_once(stored: DynamoBookings) -> None:
    assert send(payment_events.handler, "hear_unreadable_payment") == {"batchItemFailures": []}
    [letter] = boto3.client("sqs").receive_message(
        QueueUrl=ConsumerSettings.from_env().dead_letters_url, MessageAttributeNames=["All"]
    )["Messages"]
    assert letter["Body"] == sample("hear_unreadable_payment")["Records"][0]["body"]
    assert letter["MessageAttributes"]["reason"]["StringValue"].startswith("/data/total/amount")


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("change_to_awaiting_payment", ["BookingAwaitingPayment"]),
        ("changes_to_refunded_and_failed", ["BookingRefundRequested", "BookingFailed"]),
        ("change_to_refunded_in_part", ["BookingRefundRequested"]),
    ],
)
def test_the_changes_are_events(name: str, types: list[str]) -> None:
    events = send(booking_changes.handler, name)
    assert [event["metadata"]["type"] for event in events] == types
    assert "AQCEAAAA" not in json.dumps(events)


def test_an_unreadable_change_is_buried(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="dlq")["QueueUrl"]
        monkeypatch.setenv("DEAD_LETTERS_URL", url)
        assert send(booking_changes.handler, "change_unreadable") == []
        assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1


@pytest.mark.parametrize(
    ("name", "compensated"),
    [
        ("execution_timed_out", True),
        ("execution_aborted", True),
        ("execution_broken", True),
        ("execution_lost", True),
        ("execution_failed_and_undone", False),
    ],
)
def test_executions_that_did_not_undo_their_booking_are_found(name: str, compensated: bool) -> None:
    event = sample(name)
    pattern = dict(service("bookings").resources("Events::Rule")["EndedExecutionsRule"]["EventPattern"])
    pattern["detail"] = {**pattern["detail"], "stateMachineArn": [event["detail"]["stateMachineArn"]]}
    assert matches(pattern, event) is compensated


def test_the_state_machines_read_what_their_samples_are() -> None:
    assert sample("process_booking") == json.loads(sample("execution_timed_out")["detail"]["input"])
