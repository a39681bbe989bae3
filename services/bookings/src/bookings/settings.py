"""What functions are told by their environment; each reads what it needs."""

from datetime import timedelta

from jetbridge.runtime.settings import Settings


class TableSettings(Settings):
    bookings_table_name: str
    flights_table_name: str


class GroupSettings(TableSettings):
    groups_table_name: str


class ApiSettings(Settings):
    allow_origin: str
    currency: str


class BookingSettings(ApiSettings):
    default_payment_method: str
    idempotency_hours: int
    idempotency_table_name: str


class SagaSettings(Settings):
    saga_arn: str


class GroupSagaSettings(Settings):
    group_saga_arn: str


class UndoingSettings(Settings):
    undoing_arn: str


class PendingSettings(Settings):
    pending_limit_seconds: int

    @property
    def pending_limit(self) -> timedelta:
        return timedelta(seconds=self.pending_limit_seconds)


class TransferSettings(Settings):
    transfer_partner_url: str
    transfer_secret_arn: str


class CancellationSettings(Settings):
    refund_rules: str


class ConsumerSettings(Settings):
    dead_letters_url: str
