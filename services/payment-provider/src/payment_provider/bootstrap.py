"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from functools import cache

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from jetbridge.runtime import aws, idempotency
from jetbridge.runtime.secrets import Secret
from jetbridge.runtime.settings import Settings
from payment_provider.adapters.dynamodb import DynamoLedger
from payment_provider.adapters.transfers import DynamoTransfers
from payment_provider.ports import Ledger, Transfers

_SECRET_MAX_AGE = 300


class LedgerSettings(Settings):
    ledger_table_name: str
    calls_table_name: str
    calls_index_name: str


class StripeSettings(Settings):
    secret_arn: str


class IdempotencySettings(Settings):
    idempotency_table_name: str


class ApiSettings(Settings):
    allow_origin: str


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
    secrets = SecretsProvider(boto3_client=aws.client("secretsmanager"))
    return Secret(secrets, StripeSettings.from_env().secret_arn, _SECRET_MAX_AGE)


@cache
def idempotency_records() -> DynamoDBPersistenceLayer:
    return idempotency.store(IdempotencySettings.from_env().idempotency_table_name, aws.client("dynamodb"))


@cache
def api_settings() -> ApiSettings:
    return ApiSettings.from_env()
