"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from functools import cache
from typing import TYPE_CHECKING

from jetbridge.runtime import aws
from jetbridge.runtime.partners import pool
from jetbridge.runtime.redelivery import Redelivery
from jetbridge.runtime.secrets import Secret, secret_of
from payment_provider.adapters.dynamodb import DynamoLedger
from payment_provider.adapters.transfers import DynamoTransfers
from payment_provider.adapters.webhooks import Webhooks
from payment_provider.ports import Ledger, Transfers
from payment_provider.settings import (
    ApiSettings,
    IdempotencySettings,
    LedgerSettings,
    StripeSettings,
    WebhookSettings,
)

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    from jetbridge.runtime.queues import DeadLetters

_ANSWER_SECONDS = 20  # so long the listener may take, as Stripe lets it


@cache
def ledger() -> Ledger:
    settings = LedgerSettings.from_env()
    return DynamoLedger(
        aws.client("dynamodb"),
        settings.ledger_table_name,
        settings.calls_table_name,
        settings.calls_index_name,
    )


@cache
def transfers() -> Transfers:
    settings = LedgerSettings.from_env()
    return DynamoTransfers(aws.client("dynamodb"), settings.ledger_table_name, settings.calls_table_name)


@cache
def secret() -> Secret:
    return secret_of(StripeSettings.from_env().secret_arn, aws.client("secretsmanager"))


@cache
def webhooks() -> Webhooks:
    from aws_lambda_powertools.utilities.parameters import SSMProvider

    settings = WebhookSettings.from_env()
    return Webhooks(
        pool(1, _ANSWER_SECONDS),
        SSMProvider(boto3_client=aws.client("ssm")),
        settings.webhook_url_parameter,
        secret_of(settings.webhook_secret_arn, aws.client("secretsmanager")),
    )


@cache
def dead_letters() -> "DeadLetters":
    from jetbridge.runtime.queues import DeadLetters

    return DeadLetters(aws.client("sqs"), WebhookSettings.from_env().dead_letters_url)


@cache
def redelivery() -> Redelivery:
    settings = WebhookSettings.from_env()
    return Redelivery(aws.client("sqs"), settings.queue_url, settings.retry_after_seconds)


@cache
def idempotency_records() -> "DynamoDBPersistenceLayer":
    from jetbridge.runtime import idempotency

    return idempotency.store(IdempotencySettings.from_env().idempotency_table_name, aws.client("dynamodb"))


@cache
def api_settings() -> ApiSettings:
    return ApiSettings.from_env()
