"""What functions are told by their environment; each reads what it needs."""

from jetbridge.runtime.settings import Settings


class LedgerSettings(Settings):
    ledger_table_name: str
    calls_table_name: str
    calls_index_name: str


class StripeSettings(Settings):
    secret_arn: str


class IdempotencySettings(Settings):
    idempotency_table_name: str


class WebhookSettings(Settings):
    dead_letters_url: str
    queue_url: str
    retry_after_seconds: int
    webhook_secret_arn: str
    webhook_url_parameter: str


class ApiSettings(Settings):
    allow_origin: str
