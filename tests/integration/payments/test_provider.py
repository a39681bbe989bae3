"""What the provider's client sends, with which secret, and what it does when the connection is no good."""

import socket
from threading import Event

import boto3
import pytest
import urllib3

from jetbridge.kernel.money import Money
from jetbridge.runtime.partners import pool
from jetbridge.runtime.secrets import Secret
from payments.adapters.provider import StripeProvider
from payments.adapters.stripe import ProviderFault, StripeClient
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from tests.fakes.payments import NOON, request, wanted_back
from tests.integration.payments.provider_server import SUCCEEDED, Answer, Server, error

REQUESTED = Payment.begun(request(), PaymentStatus.REQUESTED, NOON)
CAPTURED = REQUESTED.capture("pi_1", NOON)


def test_a_charge_is_sent_as_stripe_reads_it(client: StripeProvider, server: Server) -> None:
    assert client.charge(REQUESTED) == "pi_1"
    [sent] = server.received
    assert sent["path"] == "/v1/payment_intents"
    assert sent["headers"]["Authorization"] == "Bearer sk_old"
    assert sent["headers"]["Idempotency-Key"] == "order-1-charge"
    assert sent["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    assert sent["form"] == {
        "amount": "5025",
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "payment_method_types[]": "card",
        "confirm": "true",
        "error_on_requires_action": "true",
        "metadata[reference]": "order-1",
    }


def test_stripe_counts_hundredths_of_what_has_none(client: StripeProvider, server: Server) -> None:
    kronur = Payment.begun(request(amount=Money(5000, "ISK")), PaymentStatus.REQUESTED, NOON)
    client.charge(kronur)
    server.answers = [(200, {"id": "re_1", "status": "succeeded"})]
    wanted = wanted_back(kronur.capture("pi_1", NOON), minor=70)
    client.refund(wanted, wanted.refunds[0])
    assert [sent["form"]["amount"] for sent in server.received] == ["500000", "7000"]


def test_each_refund_is_sent_with_a_key_of_its_own(client: StripeProvider, server: Server) -> None:
    server.answers = [(200, {"id": "re_1", "status": "succeeded"})]
    twice = wanted_back(wanted_back(CAPTURED, minor=25), "cause-3")
    for refund in twice.refunds:
        client.refund(twice, refund)
    assert [(sent["path"], sent["headers"]["Idempotency-Key"]) for sent in server.received] == [
        ("/v1/refunds", "order-1-refund-1"),
        ("/v1/refunds", "order-1-refund-2"),
    ]
    common = {"payment_intent": "pi_1", "metadata[reference]": "order-1"}
    assert [sent["form"] for sent in server.received] == [
        common | {"amount": "25", "metadata[number]": "1"},
        common | {"amount": "5000", "metadata[number]": "2"},
    ]


@pytest.mark.parametrize(
    ("number", "status", "done"),
    [("1", "succeeded", True), ("1", "pending", True), ("1", "failed", False), ("2", "succeeded", False)],
)
def test_the_providers_books_say_whether_a_refund_was_made(
    client: StripeProvider, server: Server, number: str, status: str, done: bool
) -> None:
    made = {"metadata": {"number": number}, "status": status}
    server.answers = [(200, {"data": [{"metadata": None, "status": None}, made], "has_more": False})]
    wanted = wanted_back(CAPTURED)
    assert client.has_refunded(wanted, wanted.refunds[0]) is done
    assert server.received[0]["path"] == "/v1/refunds?payment_intent=pi_1&limit=100"


@pytest.mark.parametrize(
    "answer",
    [
        (500, error("api_error")),
        (503, {"data": [], "has_more": False}),
        (200, {}),
        (200, {"data": [], "has_more": True}),
        (200, {"data": [{}], "has_more": False}),
    ],
)
def test_books_that_cannot_be_read_to_the_end_are_a_fault(
    client: StripeProvider, server: Server, answer: Answer
) -> None:
    server.answers = [answer]
    wanted = wanted_back(CAPTURED)
    with pytest.raises(ProviderFault):
        client.has_refunded(wanted, wanted.refunds[0])


def test_a_refused_secret_is_fetched_again_once_and_the_call_repeated(
    client: StripeProvider, server: Server, secret: Secret
) -> None:
    client.charge(REQUESTED)
    boto3.client("secretsmanager").put_secret_value(SecretId=secret.arn, SecretString="sk_new")
    server.answers = [(401, error("invalid_request_error")), SUCCEEDED]
    client.charge(REQUESTED)
    sent = [call["headers"]["Authorization"] for call in server.received]
    assert sent == ["Bearer sk_old", "Bearer sk_old", "Bearer sk_new"]
    client.charge(REQUESTED)
    assert server.received[-1]["headers"]["Authorization"] == "Bearer sk_new"


def test_a_secret_that_is_refused_twice_is_a_fault(client: StripeProvider, server: Server) -> None:
    server.answers = [(401, error("invalid_request_error"))]
    with pytest.raises(ProviderFault):
        client.charge(REQUESTED)
    assert len(server.received) == 2


def test_a_provider_that_does_not_answer_is_left_after_the_read_timeout(
    secret: Secret, server: Server
) -> None:
    given_up, client = Event(), StripeProvider(StripeClient(pool(0.5, 0.2), server.url, secret))
    server.instead = lambda _: given_up.wait(10)
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        client.charge(REQUESTED)
    given_up.set()
    assert len(server.received) == 1


def test_a_connection_that_breaks_is_a_fault_that_is_not_asked_for_twice(
    client: StripeProvider, server: Server
) -> None:
    server.instead = lambda connection: connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        client.charge(REQUESTED)
    assert len(server.received) == 1


def test_a_provider_that_is_not_there_is_a_fault(secret: Secret) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        client = StripeProvider(StripeClient(pool(0.5, 0.2), url, secret))
        with pytest.raises(urllib3.exceptions.HTTPError):
            client.charge(REQUESTED)
