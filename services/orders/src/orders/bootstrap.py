"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from functools import cache
from typing import TYPE_CHECKING

from jetbridge.runtime import aws
from orders.adapters.batches import DynamoBatches
from orders.adapters.dynamodb import DynamoOrders
from orders.adapters.order_lists import DynamoOrderLists
from orders.adapters.products import DynamoProducts
from orders.ports import Batches, OrderLists, Orders, Products
from orders.settings import (
    ApiSettings,
    BatchSettings,
    ConsumerSettings,
    OverdueSettings,
    PlaceOrderSettings,
    PriceSettings,
    ProductSettings,
    TableSettings,
)

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    from jetbridge.runtime.queues import DeadLetters


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
def idempotency_records() -> "DynamoDBPersistenceLayer":
    from jetbridge.runtime import idempotency

    return idempotency.store(place_order_settings().idempotency_table_name, aws.client("dynamodb"))


@cache
def dead_letters() -> "DeadLetters":
    from jetbridge.runtime.queues import DeadLetters

    return DeadLetters(aws.client("sqs"), ConsumerSettings.from_env().dead_letters_url)
