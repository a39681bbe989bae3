"""The samples of groups do what their names say, from the request to the settling."""

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import boto3
import pytest

from bookings import bootstrap
from bookings.adapters.bookings import DynamoBookings
from bookings.domain.bookings import BookingStatus, Step
from bookings.domain.refusals import BookingUnderWay
from bookings.handlers import await_booking, book_group, get_bookings, put_flight, settle_group
from checks.patterns import matches
from checks.templates import service
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.observability import Handler
from tests.fakes.bookings import booking
from tests.fakes.clock import MORNING
from tests.lambda_events import OTHER_CUSTOMER, context, transformed
from tests.samples import samples_of

sample = samples_of("bookings")

STEP = Step("Collect Payment", "declined", MORNING, "event-1")


def send(handler: Handler, name: str) -> Any:
    return handler(sample(name), context())


def executions() -> dict[str, Any]:
    """The inputs of all that was started, by name."""
    states = boto3.client("stepfunctions")
    [machine] = states.list_state_machines()["stateMachines"]
    found = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    described = [states.describe_execution(executionArn=it["executionArn"]) for it in found]
    return {it["name"]: json.loads(it["input"]) for it in described}


@pytest.fixture
def booked(bookings: DynamoBookings) -> DynamoBookings:
    """The group of the samples is stored."""
    send(put_flight.handler, "put_flight")
    assert send(book_group.handler, "post_group")["statusCode"] == HTTPStatus.ACCEPTED
    return bookings


def test_a_group_is_stored_started_once_and_shown_to_its_customer(booked: DynamoBookings) -> None:
    again = send(book_group.handler, "post_group")
    assert again["multiValueHeaders"]["Idempotency-Replayed"] == ["true"]
    told = json.loads(again["body"])
    assert (told["status"], told["allOrNothing"]) == ("IN_PROGRESS", True)
    assert again["multiValueHeaders"]["Location"] == [told["links"]["self"].removeprefix("/bookings/")]

    given = sample("process_group")
    [(name, started)] = executions().items()
    assert name == told["groupId"] == given["group_id"]
    assert started | {"correlation_id": ""} == given | {"correlation_id": ""}

    shown = json.loads(send(get_bookings.handler, "get_group")["body"])
    assert [(it["bookingId"], it["status"], it["seats"], it["groupId"]) for it in shown["entries"]] == [
        (it["booking_id"], "PENDING", it["seats"], given["group_id"]) for it in given["entries"]
    ]
    stranger = sample("get_group")
    stranger["requestContext"]["authorizer"]["claims"]["sub"] = OTHER_CUSTOMER
    assert get_bookings.handler(stranger, context())["statusCode"] == HTTPStatus.NOT_FOUND
    stranger["requestContext"]["authorizer"]["claims"]["cognito:groups"] = "operators"
    seen = json.loads(get_bookings.handler(stranger, context())["body"])
    assert seen["groupId"] == shown["groupId"], "operators see any: letters name groups"


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("post_group_of_unknown_flight", HTTPStatus.NOT_FOUND, "entries/1"),
        ("post_group_too_large", HTTPStatus.UNPROCESSABLE_ENTITY, "/entries"),
    ],
)
def test_a_group_that_cannot_be_is_refused_whole(
    bookings: DynamoBookings, name: str, status: HTTPStatus, words: str
) -> None:
    send(put_flight.handler, "put_flight")
    answer = send(book_group.handler, name)
    assert (answer["statusCode"], words in answer["body"]) == (status, True)
    assert executions() == {}


def test_a_group_is_added_once_with_all_its_bookings_or_none(booked: DynamoBookings) -> None:
    groups = bootstrap.groups()
    stored = groups.get(sample("process_group")["group_id"])
    assert stored is not None
    assert not groups.add(stored, [booking(booking_id="late")])
    taken = booking(booking_id=stored.entries[0].booking_id)
    with pytest.raises(ConcurrentUpdate):
        groups.add(replace(stored, group_id="other"), [booking(booking_id="late"), taken])
    assert booked.get("late") is None
    assert groups.get("other") is None


def test_of_two_requests_at_once_the_later_one_finds_the_group_of_the_first(
    booked: DynamoBookings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads before the first has written, and writes after it."""
    groups = bootstrap.groups()
    answers = iter([None, groups.get(sample("process_group")["group_id"])])
    monkeypatch.setattr(groups, "get", lambda _: next(answers))
    late = sample("post_group")
    records = boto3.client("dynamodb").scan(TableName="IdempotencyTable")["Items"]
    for record in records:
        boto3.client("dynamodb").delete_item(TableName="IdempotencyTable", Key={"id": record["id"]})
    assert book_group.handler(late, context())["statusCode"] == HTTPStatus.ACCEPTED
    assert executions().keys() == {sample("process_group")["group_id"]}


def test_a_booking_of_the_group_is_waited_for(booked: DynamoBookings) -> None:
    with pytest.raises(BookingUnderWay):
        send(await_booking.handler, "await_booking")
    seen = booked.get(sample("await_booking")["booking_id"])
    assert seen is not None
    booked.save(seen.undo("payment_declined", STEP))
    assert send(await_booking.handler, "await_booking") is None


def test_a_group_of_which_one_fails_is_given_up_once(booked: DynamoBookings) -> None:
    failed, other = (booked.get(it["booking_id"]) for it in sample("process_group")["entries"])
    assert failed is not None
    assert other is not None
    booked.save(failed.undo("payment_declined", STEP))
    for _ in range(2):
        assert send(settle_group.handler, "settle_group") == {"given_up": [other.booking_id]}
    undone = f"{other.booking_id}-withdrawal"
    assert executions().keys() == {sample("process_group")["group_id"], undone}
    assert executions()[undone]["reason"] == "group_failed"
    seen = booked.get(other.booking_id)
    assert seen is not None
    assert (seen.withdrawn, seen.refund_requested, seen.status) == (True, True, BookingStatus.PENDING)


@pytest.mark.parametrize(
    ("name", "found"), [("group_aborted", True), ("group_timed_out", True), ("group_settled", False)]
)
def test_executions_that_did_not_settle_their_group_are_found(name: str, found: bool) -> None:
    event, rule = sample(name), service("bookings").resources("Events::Rule")["EndedGroupsRule"]
    pattern = dict(rule["EventPattern"])
    pattern["detail"] = {**pattern["detail"], "stateMachineArn": [event["detail"]["stateMachineArn"]]}
    assert matches(pattern, event) is found


def test_the_rule_hands_over_what_the_function_reads(booked: DynamoBookings) -> None:
    [target] = service("bookings").resources("Events::Rule")["EndedGroupsRule"]["Targets"]
    task = transformed(target["InputTransformer"], sample("group_aborted"))
    given_up = settle_group.handler(json.loads(task), context())
    assert given_up == {"given_up": [it["booking_id"] for it in sample("process_group")["entries"]]}
