"""AWS in memory with the resources of payments, and the environment that its functions find."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from moto import mock_aws

from jetbridge.runtime.partners import pool
from jetbridge.runtime.secrets import Secret
from payments import bootstrap
from payments.adapters.provider import StripeProvider
from payments.adapters.stripe import StripeClient
from tests.fakes.payments import FakeProvider
from tests.integration.payments.provider_server import Server, serving
from tests.integration.tables import make_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

TABLE = "PaymentsTable"


@dataclass
class Aws:
    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    requests_url: str
    dead_letters_url: str

    def messages(self, url: str) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        make_table("payments", TABLE)
        sqs = boto3.client("sqs")
        urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("requests", "dead-letters")]
        environment = {
            "CURRENCY": "USD",
            "DEFAULT_PAYMENT_METHOD": "pm_card_visa",
            "PAYMENTS_TABLE_NAME": TABLE,
            "QUEUE_URL": urls[0],
            "DEAD_LETTERS_URL": urls[1],
            "RETRY_AFTER_SECONDS": "30",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield Aws(dynamodb, sqs, *urls)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    fake = FakeProvider()
    monkeypatch.setattr(bootstrap, "provider", lambda: fake)
    return fake


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def secret() -> Iterator[Secret]:
    with mock_aws():
        client = boto3.client("secretsmanager")
        arn = client.create_secret(Name="key", SecretString="sk_old")["ARN"]
        yield Secret(SecretsProvider(boto3_client=client), arn, max_age=300)


@pytest.fixture
def client(server: Server, secret: Secret) -> StripeProvider:
    return StripeProvider(StripeClient(pool(2, 10), server.url, secret))
