"""What functions are told by their environment; each reads what it needs."""

from typing import Annotated

from pydantic import Field

from jetbridge.runtime.settings import Settings


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


class CircuitSettings(Settings):
    """The provider is left alone after so many faults within the window, at first for so long."""

    circuits_table_name: str
    circuit_faults: Annotated[int, Field(gt=0)]
    circuit_window_seconds: Annotated[int, Field(gt=0)]
    circuit_wait_seconds: Annotated[int, Field(gt=0)]


class WebhookSettings(Settings):
    allow_origin: str
    idempotency_table_name: str
    provider_webhook_secret_arn: str


class ReconciliationSettings(Settings):
    allow_origin: str
    reconciliation_arn: str


class TableSettings(Settings):
    payments_table_name: str


class TopicSettings(Settings):
    payment_events_topic_arn: str
