"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from functools import cache

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from jetbridge.runtime import aws, idempotency
from jetbridge.runtime.queues import DeadLetters
from jetbridge.runtime.settings import Settings
from orders.adapters.dynamodb import DynamoOrders
from orders.ports import Orders


class TableSettings(Settings):
    orders_table_name: str


class ApiSettings(Settings):
    allow_origin: str


class PlaceOrderSettings(ApiSettings):
    currency: str
    default_payment_method: str
    idempotency_hours: int
    idempotency_table_name: str


class ConsumerSettings(Settings):
    dead_letters_url: str


@cache
def api_settings() -> ApiSettings:
    return ApiSettings.from_env()


@cache
def place_order_settings() -> PlaceOrderSettings:
    return PlaceOrderSettings.from_env()


@cache
def orders() -> Orders:
    return DynamoOrders(aws.client("dynamodb"), TableSettings.from_env().orders_table_name)


@cache
def idempotency_records() -> DynamoDBPersistenceLayer:
    return idempotency.store(place_order_settings().idempotency_table_name, aws.client("dynamodb"))


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(aws.client("sqs"), ConsumerSettings.from_env().dead_letters_url)
