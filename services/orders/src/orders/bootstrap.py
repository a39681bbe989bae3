"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from datetime import timedelta
from functools import cache

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from jetbridge.runtime import aws, idempotency
from jetbridge.runtime.queues import DeadLetters
from jetbridge.runtime.settings import Settings
from orders.adapters.batches import DynamoBatches
from orders.adapters.dynamodb import DynamoOrders
from orders.adapters.order_lists import DynamoOrderLists
from orders.adapters.products import DynamoProducts
from orders.domain.moves import OrderStatus
from orders.domain.products import PriceList
from orders.ports import Batches, OrderLists, Orders, Products
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
    orders_per_sweep: int

    @property
    def limits(self) -> Limits:
        """How long an order may wait in each status that is not an end."""
        return {
            OrderStatus.PLACED: timedelta(seconds=self.placed_limit_seconds),
            OrderStatus.AWAITING_PAYMENT: timedelta(seconds=self.awaiting_payment_limit_seconds),
        }


class ConsumerSettings(Settings):
    dead_letters_url: str


@cache
def api_settings() -> ApiSettings:
    return ApiSettings.from_env()


@cache
def place_order_settings() -> PlaceOrderSettings:
    return PlaceOrderSettings.from_env()


@cache
def price_settings() -> PriceSettings:
    return PriceSettings.from_env()


@cache
def products() -> Products:
    return DynamoProducts(aws.client("dynamodb"), ProductSettings.from_env().products_table_name)


@cache
def overdue_settings() -> OverdueSettings:
    return OverdueSettings.from_env()


@cache
def order_lists() -> OrderLists:
    return DynamoOrderLists(aws.client("dynamodb"), TableSettings.from_env().orders_table_name)


@cache
def orders() -> Orders:
    return DynamoOrders(aws.client("dynamodb"), TableSettings.from_env().orders_table_name)


@cache
def batches() -> Batches:
    settings = BatchSettings.from_env()
    return DynamoBatches(aws.client("dynamodb"), settings.batches_table_name, settings.batch_days)


@cache
def idempotency_records() -> DynamoDBPersistenceLayer:
    return idempotency.store(place_order_settings().idempotency_table_name, aws.client("dynamodb"))


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(aws.client("sqs"), ConsumerSettings.from_env().dead_letters_url)
