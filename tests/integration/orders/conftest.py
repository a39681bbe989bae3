"""The orders service in a mocked account: its tables, and its functions' environment."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from jetbridge.runtime import aws
from orders.adapters.dynamodb import DynamoOrders
from tests.integration.tables import make_table


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mock_aws():
        sqs = boto3.client("sqs")
        environment = {
            "ALLOW_ORIGIN": "*",
            "BATCHES_TABLE_NAME": make_table("orders", "BatchesTable"),
            "BATCH_DAYS": "30",
            "CURRENCY": "USD",
            "DEFAULT_PAYMENT_METHOD": "pm_card_visa",
            "IDEMPOTENCY_HOURS": "24",
            "IDEMPOTENCY_TABLE_NAME": make_table("orders", "IdempotencyTable"),
            "PLACED_LIMIT_SECONDS": "300",
            "AWAITING_PAYMENT_LIMIT_SECONDS": "300",
            "PRICE_LIST": "optional",
            "PRODUCTS_TABLE_NAME": make_table("orders", "ProductsTable"),
            "ORDERS_TABLE_NAME": make_table("orders", "OrdersTable"),
            "DEAD_LETTERS_URL": sqs.create_queue(QueueName="dead-letters")["QueueUrl"],
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.fixture
def orders(_account: None) -> DynamoOrders:
    return DynamoOrders(aws.client("dynamodb"), "OrdersTable")


@pytest.fixture
def dead_letters(_account: None) -> str:
    return boto3.client("sqs").get_queue_url(QueueName="dead-letters")["QueueUrl"]
