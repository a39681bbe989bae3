"""The client of payments and the stand-in understand each other, over HTTP."""

from collections.abc import Iterator

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from jetbridge.runtime.partners import pool
from jetbridge.runtime.secrets import Secret
from payment_provider import bootstrap
from payment_provider.handlers import create_payment_intent, create_refund
from payments.adapters.provider import StripeProvider
from payments.adapters.stripe import ProviderFault, StripeClient
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from payments.domain.refusals import PaymentDeclined
from tests.fakes.payments import NOON, request, wanted_back
from tests.integration.http_server import Desk, listening
from tests.integration.payment_provider.conftest import Api
from tests.lambda_events import api_request, context

HANDLERS = {"/v1/payment_intents": create_payment_intent.handler, "/v1/refunds": create_refund.handler}


class Gateway(Desk):
    """As much of API Gateway as hands a call to its function."""

    def meet(self) -> None:
        event = api_request("POST", self.path, self.read_body(), headers=dict(self.headers), subject=None)
        answer = HANDLERS[self.path](event, context())
        self.send(answer["statusCode"], answer["body"])


@pytest.fixture
def client(api: Api) -> Iterator[StripeProvider]:
    secret = Secret(SecretsProvider(boto3_client=boto3.client("secretsmanager")), api.secret_arn, 300)
    with listening(Gateway) as url:
        yield StripeProvider(StripeClient(pool(1, 10), url, secret))


def payment(method: str = "pm_card_visa") -> Payment:
    return Payment.begun(request(payment_method=method), PaymentStatus.REQUESTED, NOON)


def test_a_payment_is_charged_once_and_given_back_once(client: StripeProvider, api: Api) -> None:
    charge_id = client.charge(payment())
    assert client.charge(payment()) == charge_id
    wanted = wanted_back(payment().capture(charge_id, NOON))
    client.refund(wanted, wanted.refunds[0])
    client.refund(wanted, wanted.refunds[0])
    assert api.outcomes("order-1") == ["charged", "replayed", "refunded", "replayed"]


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_of_nobody", "unknown_payment_method"),
    ],
)
def test_a_refused_card_is_refused_with_its_reason_each_time(
    client: StripeProvider, method: str, reason: str
) -> None:
    for _ in range(2):
        with pytest.raises(PaymentDeclined) as refused:
            client.charge(payment(method))
        assert refused.value.detail == reason


def test_a_lost_answer_is_a_fault_and_then_the_one_charge(client: StripeProvider, api: Api) -> None:
    with pytest.raises(ProviderFault):
        client.charge(payment("pm_test_answer_lost"))
    assert client.charge(payment("pm_test_answer_lost"))
    assert api.outcomes("order-1").count("charged") == 1


def test_errors_are_faults_until_they_end(client: StripeProvider, api: Api) -> None:
    for _ in range(2):
        with pytest.raises(ProviderFault):
            client.charge(payment("pm_test_error_twice"))
    assert client.charge(payment("pm_test_error_twice"))
    assert api.outcomes("order-1") == ["error", "error", "charged"]


def test_a_rotated_secret_interrupts_nothing(client: StripeProvider, api: Api) -> None:
    charge_id = client.charge(payment())
    boto3.client("secretsmanager").put_secret_value(SecretId=api.secret_arn, SecretString="sk_new")
    bootstrap.secret().fetched_again()
    assert client.charge(payment()) == charge_id
    assert api.outcomes("order-1") == ["charged", "unauthorized", "replayed"]
