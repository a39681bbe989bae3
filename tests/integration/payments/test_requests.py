"""Messages in, payments and calls of the provider out."""

import json
from typing import Any

import boto3
import pytest

from payments import bootstrap
from payments.adapters.dynamodb import DynamoPayments
from payments.domain.payments import Payment
from payments.handlers import charge_requests, refund_requests
from tests.fakes.payments import FakeProvider, Fault
from tests.integration.payments.conftest import TABLE, Aws
from tests.lambda_events import context, failed, sqs

BY_HAND = {"orderId": "order-1", "userId": "user-1", "amount": "50.25"}


def charge(*bodies: object) -> tuple[dict[str, Any], list[int]]:
    event = sqs(*bodies)
    return event, failed(charge_requests.handler(event, context()), event)


def refund(*bodies: object) -> list[int]:
    event = sqs(*bodies)
    return failed(refund_requests.handler(event, context()), event)


def stored(reference: str = "order-1") -> Payment:
    return DynamoPayments(boto3.client("dynamodb"), TABLE).get(reference)


def test_a_message_sent_by_hand_is_charged_with_the_stages_defaults(aws: Aws, provider: FakeProvider) -> None:
    event, back = charge(BY_HAND)
    payment = stored()
    assert back == []
    assert (payment.status, payment.amount.minor, payment.amount.currency) == ("CAPTURED", 5025, "USD")
    assert (payment.kind, payment.payment_method) == ("order", "pm_card_visa")
    assert payment.correlation_id == payment.causation_id == event["Records"][0]["messageId"]


def test_what_the_message_says_is_used(aws: Aws, provider: FakeProvider) -> None:
    more = {"currency": "JPY", "amount": "1200", "kind": "booking", "paymentMethod": "pm_test_slow"}
    charge(BY_HAND | more | {"correlationId": "c-1", "causationId": "e-1", "newField": 1})
    payment = stored()
    assert (payment.amount.minor, payment.amount.currency, payment.kind) == (1200, "JPY", "booking")
    assert (payment.payment_method, payment.correlation_id, payment.causation_id) == (
        "pm_test_slow",
        "c-1",
        "e-1",
    )


def test_duplicates_in_one_batch_and_in_the_next_are_charged_once(aws: Aws, provider: FakeProvider) -> None:
    assert charge(BY_HAND, BY_HAND)[1] == []
    assert charge(BY_HAND)[1] == []
    assert provider.log == ["charged"]


def test_a_fault_gives_back_its_own_message_only_and_the_next_attempt_succeeds(
    aws: Aws, provider: FakeProvider
) -> None:
    def lose() -> None:
        provider.during = lambda: None
        raise Fault("read timeout")

    provider.during = lose
    assert charge(BY_HAND, BY_HAND | {"orderId": "order-2"})[1] == [0]
    assert charge(BY_HAND)[1] == []
    assert provider.log == ["charged", "charged"]
    assert (stored("order-1").status, stored("order-2").status) == ("CAPTURED", "CAPTURED")


@pytest.mark.parametrize(("receives", "wait"), [("1", 30), ("2", 120), ("3", 480), ("9", 3600)])
def test_a_failed_message_waits_longer_each_time(
    aws: Aws, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch, receives: str, wait: int
) -> None:
    def break_down() -> None:
        raise Fault("503")

    asked: list[dict[str, Any]] = []
    client = bootstrap.redelivery().sqs
    monkeypatch.setattr(client, "change_message_visibility", lambda **wanted: asked.append(wanted))
    provider.during = break_down
    event = sqs(BY_HAND)
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = receives
    charge_requests.handler(event, context())
    handle = event["Records"][0]["receiptHandle"]
    assert asked == [{"QueueUrl": aws.requests_url, "ReceiptHandle": handle, "VisibilityTimeout": wait}]


def test_a_refusal_ends_the_message(aws: Aws, provider: FakeProvider) -> None:
    refund(BY_HAND)
    assert charge(BY_HAND)[1] == []
    assert provider.log == []
    assert aws.messages(aws.dead_letters_url) == []


def part(amount: str, cause: str | None = "e-1", currency: str = "USD") -> dict[str, Any]:
    named = {"causationId": cause} if cause else {}
    return BY_HAND | named | {"event": {"refund": {"amount": amount, "currency": currency}}}


def test_parts_go_back_each_once_and_then_the_rest(aws: Aws, provider: FakeProvider) -> None:
    charge(BY_HAND)
    assert refund(part("10.00"), part("10.00"), part("0.25", "e-2")) == []
    assert (stored().status, stored().refunded) == ("PARTLY_REFUNDED", 1025)
    assert refund(BY_HAND) == []
    assert (stored().status, stored().refunded) == ("REFUNDED", 5025)
    assert provider.refunded == [1000, 25, 4000]
    assert aws.messages(aws.dead_letters_url) == []


@pytest.mark.parametrize(
    "body",
    [
        BY_HAND | {"amount": "50.26"},
        part("10.01"),
        part("10.00", currency="EUR"),
        part("40.26", "e-2"),
        part("10.00") | {"amount": "10.00"},
    ],
    ids=["another whole", "another part", "another currency", "more than is left", "the part as the whole"],
)
def test_a_refund_that_contradicts_what_is_known_is_buried_for_people(
    aws: Aws, provider: FakeProvider, body: dict[str, Any]
) -> None:
    charge(BY_HAND)
    refund(part("10.00"))
    assert refund(body) == []
    assert aws.messages(aws.dead_letters_url) == [json.dumps(body)]
    assert provider.refunded == [1000]


def test_a_charge_of_another_amount_is_buried_for_people(aws: Aws, provider: FakeProvider) -> None:
    charge(BY_HAND)
    assert charge(BY_HAND | {"amount": "50.26"})[1] == []
    assert len(aws.messages(aws.dead_letters_url)) == 1
    assert provider.log == ["charged"]


@pytest.mark.parametrize("body", [part("10.00", None), part("0.00"), part("10.005"), part("-1.00")])
def test_a_part_that_cannot_be_read_or_has_no_name_is_buried(
    aws: Aws, provider: FakeProvider, body: dict[str, Any]
) -> None:
    charge(BY_HAND)
    assert refund(body) == []
    assert aws.messages(aws.dead_letters_url) == [json.dumps(body)]
    assert provider.refunded == []


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        {"orderId": "order-1", "userId": "user-1"},
        BY_HAND | {"amount": 50.25},
        BY_HAND | {"amount": "50.255"},
        BY_HAND | {"amount": "-1.00"},
        BY_HAND | {"amount": "0.00"},
        BY_HAND | {"amount": "5e1"},
        BY_HAND | {"currency": "usd"},
        BY_HAND | {"kind": "gift"},
        BY_HAND | {"orderId": ""},
    ],
)
def test_what_cannot_be_read_is_buried_at_once_and_its_neighbour_charged(
    aws: Aws, provider: FakeProvider, body: object
) -> None:
    assert charge(body, BY_HAND | {"orderId": "order-2"})[1] == []
    buried = aws.messages(aws.dead_letters_url)
    assert buried == [body if isinstance(body, str) else json.dumps(body)]
    assert provider.asked == ["order-2-charge"]


def test_a_refund_request_gives_the_charge_back_once(aws: Aws, provider: FakeProvider) -> None:
    charge(BY_HAND)
    assert refund(BY_HAND, BY_HAND) == []
    assert stored().status == "REFUNDED"
    assert provider.log == ["charged", "refunded"]


def test_a_refund_request_before_the_charge_voids_it(aws: Aws, provider: FakeProvider) -> None:
    assert refund(BY_HAND) == []
    assert charge(BY_HAND)[1] == []
    assert stored().status == "VOIDED"
    assert provider.log == []
