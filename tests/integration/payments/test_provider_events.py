"""What the provider tells unasked: signed, heard once, and a payment in doubt comes to its end."""

import json
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.money import Money
from payments import bootstrap
from payments.adapters.dynamodb import DynamoPayments
from payments.adapters.webhooks import TOLERANCE, SignatureRefused, read_event, sign, verify
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from payments.handlers import charge_requests
from payments.handlers.provider_events import handler
from payments.ports import ProviderUnavailable
from tests.fakes.payments import FakeProvider, Fault, request, wanted_back
from tests.integration.payments.conftest import TABLE, Aws
from tests.integration.tables import make_table
from tests.lambda_events import api_request, context, sqs
from tests.samples import samples_of

SECRET = "whsec_test"
CHARGE = {"orderId": "order-1", "userId": "user-1", "amount": "50.25"}


@pytest.fixture(autouse=True)
def _webhook(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = boto3.client("secretsmanager").create_secret(Name="webhook", SecretString=SECRET)["ARN"]
    monkeypatch.setenv("ALLOW_ORIGIN", "*")
    monkeypatch.setenv("IDEMPOTENCY_TABLE_NAME", make_table("payments", "HeardEventsTable"))
    monkeypatch.setenv("PROVIDER_WEBHOOK_SECRET_ARN", arn)


def told(kind: str = "payment_intent.succeeded", event_id: str = "evt_1", **changes: Any) -> dict[str, Any]:
    charge = {"id": "pi_9", "currency": "usd", "metadata": {"reference": "order-1"}, "amount_received": 5025}
    return {"id": event_id, "object": "event", "type": kind, "data": {"object": charge | changes}}


def send(event: object, *, at: datetime | None = None, secret: str = SECRET) -> tuple[int, dict[str, Any]]:
    body = event if isinstance(event, str) else json.dumps(event)
    seconds = str(int((at or utc_now()).timestamp()))
    signature = f"t={seconds},v1={sign(seconds, body, secret)}"
    return deliver(body, signature)


def deliver(body: str, signature: str | None) -> tuple[int, dict[str, Any]]:
    headers = {"Stripe-Signature": signature} if signature else {}
    asked = api_request("POST", "/payments/webhooks/provider", body, headers=headers, subject=None)
    answer = handler(asked, context())
    return answer["statusCode"], json.loads(answer["body"])


def in_doubt(provider: FakeProvider, **changes: Any) -> None:
    """Asked to be charged; the answer did not come."""

    def lose() -> None:
        provider.during = lambda: None
        raise Fault("read timeout")

    provider.during = lose
    charge_requests.handler(sqs(CHARGE | changes), context())
    assert stored().status is PaymentStatus.REQUESTED


def stored() -> Payment:
    return DynamoPayments(boto3.client("dynamodb"), TABLE).get("order-1")


def test_a_charge_in_doubt_is_captured_without_asking_again(provider: FakeProvider) -> None:
    in_doubt(provider)
    assert send(told()) == (200, {"received": True})
    assert (stored().status, stored().charge_id, stored().captured) == ("CAPTURED", "pi_9", 5025)
    assert provider.asked == ["order-1-charge"]


def test_stripe_counts_hundredths_of_what_has_none() -> None:
    event = read_event(json.dumps(told(currency="isk", amount_received=500_000)))
    assert event.to_news().amount == Money(5000, "ISK")


def test_a_charge_in_doubt_is_declined_with_the_reason_for_the_customer(provider: FakeProvider) -> None:
    in_doubt(provider)
    error = {"code": "card_declined", "decline_code": "stolen_card"}
    assert send(told("payment_intent.payment_failed", amount_received=0, last_payment_error=error))[0] == 200
    assert (stored().status, stored().reason) == ("DECLINED", "generic_decline")


def test_a_charge_that_is_wanted_back_is_given_back_when_it_turns_out_captured(
    provider: FakeProvider,
) -> None:
    in_doubt(provider)
    charge_id = provider.charge(stored())  # what happened, though nobody heard of it
    bootstrap.payments().save(wanted_back(stored(), "cancelled"))
    assert send(told(id=charge_id))[0] == 200
    assert (stored().status, stored().refunded) == ("REFUNDED", 5025)
    assert provider.log == ["charged", "refunded"]


def test_a_refund_in_doubt_is_done_when_the_provider_says_so(provider: FakeProvider) -> None:
    charge_requests.handler(sqs(CHARGE), context())
    bootstrap.payments().save(wanted_back(stored(), "cancelled"))
    charge: Any = {"id": "ch_1", "payment_intent": stored().charge_id, "amount_refunded": 5025}
    assert send(told("charge.refunded", **charge))[0] == 200
    assert stored().status == "REFUNDED"
    assert provider.log == ["charged"]


def test_an_event_told_twice_is_heard_once_and_answered_alike(provider: FakeProvider) -> None:
    in_doubt(provider)
    assert send(told()) == send(told()) == (200, {"received": True})
    assert stored().version == 2


def test_another_amount_is_refused_though_the_charge_is_known(provider: FakeProvider) -> None:
    in_doubt(provider)
    assert send(told())[0] == 200
    status, problem = send(told(event_id="evt_2", amount_received=5026))
    assert (status, problem["code"]) == (400, "amount_differs")


def test_an_event_whose_refund_fails_is_not_taken_for_heard(provider: FakeProvider) -> None:
    in_doubt(provider)
    charge_id = provider.charge(stored())
    bootstrap.payments().save(wanted_back(stored(), "cancelled"))

    def fail() -> None:
        provider.during = lambda: None
        raise Fault("503")

    provider.during = fail
    assert send(told(id=charge_id))[0] == 500
    assert send(told(id=charge_id))[0] == 200
    assert (stored().status, provider.log) == ("REFUNDED", ["charged", "refunded"])


def test_an_event_whose_refund_has_to_wait_is_to_come_again(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave_alone(*_: object) -> None:
        raise ProviderUnavailable(retry_in=31)

    in_doubt(provider)
    bootstrap.payments().save(wanted_back(stored(), "cancelled"))
    with monkeypatch.context() as patch:
        patch.setattr(provider, "refund", leave_alone)
        status, problem = send(told())
    assert (status, problem["code"]) == (503, "provider_unavailable")
    assert (stored().status, stored().captured) == ("REFUND_REQUESTED", 5025)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (told("customer.created"), "unknown_event"),
        (told(metadata={}), "unknown_event"),
        ("not json", "unknown_event"),
        (told(metadata={"reference": "order-2"}), "unknown_payment"),
        (told(amount_received=5026), "amount_differs"),
        (told(currency="eur"), "amount_differs"),
    ],
)
def test_what_is_not_about_a_payment_of_ours_is_refused(
    provider: FakeProvider, event: object, code: str
) -> None:
    in_doubt(provider)
    status, problem = send(event)
    assert (status, problem["code"]) == (400, code)
    assert stored().status is PaymentStatus.REQUESTED


def test_an_altered_body_another_secret_and_an_old_time_are_refused(provider: FakeProvider) -> None:
    in_doubt(provider)
    body, now = json.dumps(told()), str(int(utc_now().timestamp()))
    fitting = f"t={now},v1={sign(now, body, SECRET)}"
    refused = [
        deliver(body.replace("5025", "1"), fitting),
        deliver(body, fitting.replace(f"t={now}", f"t={int(now) + 1}")),
        deliver(body, f"v1={sign(now, body, SECRET)}"),
        deliver(body, None),
        send(told(), secret="whsec_other"),
        send(told(), at=utc_now() - TOLERANCE - timedelta(seconds=2)),
        send(told(), at=utc_now() + TOLERANCE + timedelta(seconds=2)),
    ]
    assert {(status, problem["code"]) for status, problem in refused} == {(400, "signature_refused")}
    assert stored().status is PaymentStatus.REQUESTED


@pytest.mark.parametrize(
    "header", ["", "t=", "t=x,v1=0", "t=1,t=1,v1=0", "t=²,v1=0", "v1", "t=99999999999999999999,v1=é"]
)
def test_a_malformed_signature_is_refused(header: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(header, "{}", SECRET, utc_now())


def test_any_of_several_signatures_may_fit_while_the_secret_is_rolled() -> None:
    now = str(int(utc_now().timestamp()))
    verify(f"t={now}, v1={sign(now, '{}', 'old')}, v1={sign(now, '{}', SECRET)}", "{}", SECRET, utc_now())


@pytest.mark.usefixtures("provider")
def test_the_sample_is_an_event_that_is_heard() -> None:
    event = samples_of("payments")("post_provider_event")
    body, now = event["body"], str(int(utc_now().timestamp()))
    bootstrap.payments().begin(Payment.begun(request("order1"), PaymentStatus.REQUESTED, utc_now()))
    event["headers"]["Stripe-Signature"] = f"t={now},v1={sign(now, body, SECRET)}"
    assert handler(event, context())["statusCode"] == 200
    assert bootstrap.payments().get("order1").status == "CAPTURED"
