"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jetbridge.kernel.clock import utc_now
from jetbridge.runtime import aws
from jetbridge.runtime.partners import pool
from jetbridge.runtime.redelivery import Redelivery
from jetbridge.runtime.secrets import Secret, secret_of
from payments.adapters.books import StripeBooks
from payments.adapters.circuits import DynamoCircuits, GuardedProvider
from payments.adapters.differences import LoggedDifferences
from payments.adapters.dynamodb import DynamoPayments
from payments.adapters.provider import StripeProvider
from payments.adapters.sns import SnsEvents, Told
from payments.adapters.step_functions import StepFunctionsReconciliations
from payments.adapters.stripe import StripeClient
from payments.domain.circuit import CircuitRules
from payments.ports import Events, Payments, Provider, Reconciliations
from payments.settings import (
    CircuitSettings,
    ConsumerSettings,
    DeadLetterSettings,
    ProviderSettings,
    ReconciliationSettings,
    TableSettings,
    TopicSettings,
    WebhookSettings,
)
from payments.use_cases.reconciling import Reconciliation

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    from jetbridge.runtime.queues import DeadLetters

_LONGEST_CALL = timedelta(seconds=60)  # longer than a function runs


@cache
def consumer_settings() -> ConsumerSettings:
    return ConsumerSettings.from_env()


@cache
def payments() -> Payments:
    return DynamoPayments(aws.client("dynamodb"), TableSettings.from_env().payments_table_name)


@cache
def provider() -> Provider:
    circuits = _circuits(ProviderSettings.from_env().provider_base_url)
    return GuardedProvider(StripeProvider(_stripe()), circuits, _circuit_rules(), utc_now)


@cache
def _stripe() -> StripeClient:
    settings = ProviderSettings.from_env()
    connections = pool(settings.provider_connect_timeout_seconds, settings.provider_read_timeout_seconds)
    secret = secret_of(settings.provider_secret_arn, aws.client("secretsmanager"))
    return StripeClient(connections, settings.provider_base_url, secret)


@cache
def reconciliation() -> Reconciliation:
    return Reconciliation(payments(), provider(), StripeBooks(_stripe()), LoggedDifferences(), utc_now)


@cache
def reconciliation_settings() -> ReconciliationSettings:
    return ReconciliationSettings.from_env()


@cache
def reconciliations() -> Reconciliations:
    machine = reconciliation_settings().reconciliation_arn
    return StepFunctionsReconciliations(aws.client("stepfunctions"), machine)


def _circuits(base_url: str) -> DynamoCircuits:
    table_name = CircuitSettings.from_env().circuits_table_name
    return DynamoCircuits(aws.client("dynamodb"), table_name, urlsplit(base_url).netloc)


def _circuit_rules() -> CircuitRules:
    settings = CircuitSettings.from_env()
    return CircuitRules(
        faults=settings.circuit_faults,
        window=timedelta(seconds=settings.circuit_window_seconds),
        wait=timedelta(seconds=settings.circuit_wait_seconds),
        trial=_LONGEST_CALL,
    )


@cache
def webhook_settings() -> WebhookSettings:
    return WebhookSettings.from_env()


@cache
def webhook_secret() -> Secret:
    return secret_of(webhook_settings().provider_webhook_secret_arn, aws.client("secretsmanager"))


@cache
def heard_events() -> "DynamoDBPersistenceLayer":
    from jetbridge.runtime import idempotency

    return idempotency.store(webhook_settings().idempotency_table_name, aws.client("dynamodb"))


@cache
def events() -> Events[Told]:
    return SnsEvents(aws.client("sns"), TopicSettings.from_env().payment_events_topic_arn)


@cache
def dead_letters() -> "DeadLetters":
    from jetbridge.runtime.queues import DeadLetters

    return DeadLetters(aws.client("sqs"), DeadLetterSettings.from_env().dead_letters_url)


@cache
def redelivery() -> Redelivery:
    settings = consumer_settings()
    return Redelivery(aws.client("sqs"), settings.queue_url, settings.retry_after_seconds)
