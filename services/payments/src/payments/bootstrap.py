"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from pydantic import Field

from jetbridge.runtime import aws, idempotency
from jetbridge.runtime.queues import DeadLetters
from jetbridge.runtime.redelivery import Redelivery
from jetbridge.runtime.secrets import Secret
from jetbridge.runtime.settings import Settings
from payments.adapters.dynamodb import DynamoPayments
from payments.adapters.provider import StripeProvider
from payments.adapters.sns import SnsEvents, Told
from payments.adapters.stripe import StripeClient, pool
from payments.ports import Events, Payments, Provider

_SECRET_MAX_AGE = 300


class DeadLetterSettings(Settings):
    dead_letters_url: str


class ConsumerSettings(DeadLetterSettings):
    """`retry_after_seconds` is how long a failed message first waits; then it waits longer each time."""

    currency: str
    default_payment_method: str
    queue_url: str
    retry_after_seconds: Annotated[int, Field(ge=0)]


class ProviderSettings(Settings):
    provider_base_url: str
    provider_secret_arn: str
    provider_connect_timeout_seconds: Annotated[int, Field(gt=0)]
    provider_read_timeout_seconds: Annotated[int, Field(gt=0)]


class WebhookSettings(Settings):
    allow_origin: str
    idempotency_table_name: str
    provider_webhook_secret_arn: str


class TableSettings(Settings):
    payments_table_name: str


class TopicSettings(Settings):
    payment_events_topic_arn: str


@cache
def consumer_settings() -> ConsumerSettings:
    return ConsumerSettings.from_env()


@cache
def payments() -> Payments:
    return DynamoPayments(aws.client("dynamodb"), TableSettings.from_env().payments_table_name)


@cache
def provider() -> Provider:
    settings = ProviderSettings.from_env()
    connections = pool(settings.provider_connect_timeout_seconds, settings.provider_read_timeout_seconds)
    secret = _secret(settings.provider_secret_arn)
    return StripeProvider(StripeClient(connections, settings.provider_base_url, secret))


def _secret(arn: str) -> Secret:
    return Secret(SecretsProvider(boto3_client=aws.client("secretsmanager")), arn, _SECRET_MAX_AGE)


@cache
def webhook_settings() -> WebhookSettings:
    return WebhookSettings.from_env()


@cache
def webhook_secret() -> Secret:
    return _secret(webhook_settings().provider_webhook_secret_arn)


@cache
def heard_events() -> DynamoDBPersistenceLayer:
    return idempotency.store(webhook_settings().idempotency_table_name, aws.client("dynamodb"))


@cache
def events() -> Events[Told]:
    return SnsEvents(aws.client("sns"), TopicSettings.from_env().payment_events_topic_arn)


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(aws.client("sqs"), DeadLetterSettings.from_env().dead_letters_url)


@cache
def redelivery() -> Redelivery:
    settings = consumer_settings()
    return Redelivery(aws.client("sqs"), settings.queue_url, settings.retry_after_seconds)
