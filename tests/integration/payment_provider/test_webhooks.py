"""A late result is told to the listener, signed, and again until it hears."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.money import Money
from jetbridge.runtime.dynamodb import to_item
from payment_provider.adapters.rows import intent_row
from payment_provider.domain.cards import LATE, Intent
from payment_provider.handlers import send_webhook
from payment_provider.handlers.shapes import event_body
from payments.adapters.webhooks import read_event, verify
from payments.ports import NewsKind
from tests.integration.payment_provider.conftest import Api
from tests.integration.payments.provider_server import Server, serving
from tests.lambda_events import context, failed, sqs
from tests.samples import samples_of

SECRET = "whsec_sandbox"


@pytest.fixture
def listener(api: Api, monkeypatch: pytest.MonkeyPatch) -> Any:
    made = boto3.client("secretsmanager").create_secret(Name="webhooks", SecretString=SECRET)
    queues = [boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("webhooks", "dlq")]
    with serving() as server:
        boto3.client("ssm").put_parameter(Name="/url", Value=f"{server.url}/hear", Type="String")
        environment = {
            "DEAD_LETTERS_URL": queues[1],
            "QUEUE_URL": queues[0],
            "RETRY_AFTER_SECONDS": "5",
            "WEBHOOK_SECRET_ARN": made["ARN"],
            "WEBHOOK_URL_PARAMETER": "/url",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        server.answers = [(200, {})]
        yield server


def intent(**changes: Any) -> Intent:
    values: dict[str, Any] = {
        "id": "pi_1",
        "amount": Money(5025, "USD"),
        "payment_method": "pm_test_late",
        "metadata": {"reference": "order-1"},
        "created": utc_now() - 2 * LATE,
    }
    return Intent(**values | changes)


def send(made: Intent) -> list[int]:
    event = sqs({"eventName": "INSERT", "dynamodb": {"NewImage": to_item(intent_row(made))}})
    return failed(send_webhook.handler(event, context()), event)


def test_payments_understands_what_is_sent_and_trusts_its_signature(listener: Server) -> None:
    assert send(intent()) == []
    [sent] = listener.received
    assert sent["path"] == "/hear"
    verify(sent["headers"]["Stripe-Signature"], sent["body"], SECRET, utc_now())
    news = read_event(sent["body"]).to_news()
    assert (news.kind, news.reference, news.charge_id) == (NewsKind.CAPTURED, "order-1", "pi_1")
    assert news.amount == Money(5025, "USD")


def test_a_decline_is_told_with_its_reason(listener: Server) -> None:
    send(intent(decline_code="insufficient_funds"))
    news = read_event(listener.received[0]["body"]).to_news()
    assert (news.kind, news.reason) == (NewsKind.DECLINED, "insufficient_funds")


@pytest.mark.parametrize("status", [302, 400, 500, 503])
def test_what_was_not_heard_comes_again_and_is_the_same_event(listener: Server, status: int) -> None:
    listener.answers = [(status, {}), (200, {})]
    assert send(intent()) == [0]
    assert send(intent()) == []
    first, second = (json.loads(sent["body"])["id"] for sent in listener.received)
    assert first == second


def test_an_intent_is_processing_until_it_settles() -> None:
    late = intent(created=utc_now(), settles_at=utc_now() + LATE)
    early, settled = (
        event_body(late, utc_now() + wait)["data"]["object"] for wait in (timedelta(), 2 * LATE)
    )
    assert (early["status"], early["amount_received"]) == ("processing", 0)
    assert (settled["status"], settled["amount_received"]) == ("succeeded", 5025)


def test_a_late_charge_is_answered_as_processing_each_time(api: Api) -> None:
    first, again = (api.charge(payment_method="pm_test_late") for _ in range(2))
    assert (first.status, first.body["status"]) == (200, "processing")
    assert again.body == first.body
    assert api.outcomes("order-1") == ["charged", "replayed"]


def test_the_sample_is_sent(listener: Server) -> None:
    sample = samples_of("payment_provider")
    assert send_webhook.handler(sample("send_webhook"), context()) == {"batchItemFailures": []}
    assert len(listener.received) == 1
