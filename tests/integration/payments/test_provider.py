"""What the provider's client sends, with which secret, and what it does when the connection is no good."""

import socket
from threading import Event

import boto3
import pytest
import urllib3

from jetbridge.runtime.secrets import Secret
from payments.adapters.provider import ProviderFault, StripeProvider, pool
from payments.domain import Payment, PaymentStatus
from tests.fakes.payments import NOON, request
from tests.integration.payments.provider_server import SUCCEEDED, Server, error

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


def test_a_refund_is_sent_with_a_key_of_its_own(client: StripeProvider, server: Server) -> None:
    server.answers = [(200, {"id": "re_1", "status": "succeeded"})]
    client.refund(CAPTURED)
    [sent] = server.received
    assert (sent["path"], sent["headers"]["Idempotency-Key"]) == ("/v1/refunds", "order-1-refund")
    assert sent["form"] == {"payment_intent": "pi_1", "amount": "5025", "metadata[reference]": "order-1"}


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
    client: StripeProvider, server: Server
) -> None:
    given_up = Event()
    server.instead = lambda _: void(given_up.wait(10))
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
        client = StripeProvider(pool(0.5, 0.2), f"http://127.0.0.1:{unused.getsockname()[1]}", secret)
        with pytest.raises(urllib3.exceptions.HTTPError):
            client.charge(REQUESTED)


def void(_: object) -> None:
    """For what answers something where nothing is wanted."""
