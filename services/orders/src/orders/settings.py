"""What functions are told by their environment; each reads what it needs."""

from datetime import timedelta

from jetbridge.runtime.settings import Settings
from orders.domain.moves import OrderStatus
from orders.domain.products import PriceList
from orders.use_cases.overdue import Limits


class TableSettings(Settings):
    orders_table_name: str


class ApiSettings(Settings):
    allow_origin: str


class PriceSettings(Settings):
    currency: str


class ProductSettings(Settings):
    products_table_name: str


class BatchSettings(Settings):
    batches_table_name: str
    batch_days: int


class PlaceOrderSettings(PriceSettings):
    price_list: PriceList
    default_payment_method: str
    idempotency_hours: int
    idempotency_table_name: str


class OverdueSettings(Settings):
    placed_limit_seconds: int
    awaiting_payment_limit_seconds: int

    @property
    def limits(self) -> Limits:
        """How long an order may wait in each status that is not an end."""
        return {
            OrderStatus.PLACED: timedelta(seconds=self.placed_limit_seconds),
            OrderStatus.AWAITING_PAYMENT: timedelta(seconds=self.awaiting_payment_limit_seconds),
        }


class ConsumerSettings(Settings):
    dead_letters_url: str
