"""The inventory service in a mocked account: its table, bucket and queues, and its functions' environment."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from inventory.adapters.dynamo_ledger import DynamoLedger
from inventory.adapters.dynamo_packs import DynamoPacks
from inventory.adapters.dynamo_runs import DynamoRuns
from inventory.adapters.dynamo_stock import DynamoStock
from inventory.handlers import placed_orders
from jetbridge.runtime import aws
from tests.integration.inventory.warehouse import BUCKET, MORNING, PACKS, Warehouse
from tests.integration.tables import make_table

KEEP = timedelta(days=90)


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mock_aws():
        sqs, s3 = boto3.client("sqs"), boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        environment = {
            "ALLOW_ORIGIN": "*",
            "DEAD_LETTERS_URL": sqs.create_queue(QueueName="dead-letters")["QueueUrl"],
            "HOLD_MINUTES": "15",
            "HOLD_RULE": "most-stock-first",
            "IMPORT_BUCKET": BUCKET,
            "LOW_STOCK_THRESHOLD": "5",
            "MAX_FILE_BYTES": "1000000",
            "MAX_REJECTED_SHARE": "50",
            "PACKS_QUEUE_URL": sqs.create_queue(QueueName=PACKS)["QueueUrl"],
            "ROWS_PER_MESSAGE": "49",
            "QUEUE_URL": sqs.create_queue(QueueName="orders")["QueueUrl"],
            "READER_FUNCTION_NAME": "reader",
            "RUN_RETENTION_DAYS": "90",
            "STOCK_TABLE_NAME": make_table("inventory", "StockTable"),
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(placed_orders, "utc_now", lambda: MORNING)
        yield


@pytest.fixture
def warehouse(_account: None) -> Warehouse:
    return Warehouse()


@pytest.fixture
def stock(_account: None) -> DynamoStock:
    return DynamoStock(aws.client("dynamodb"), "StockTable")


@pytest.fixture
def ledger(_account: None) -> DynamoLedger:
    return DynamoLedger(aws.client("dynamodb"), "StockTable")


@pytest.fixture
def runs(_account: None) -> DynamoRuns:
    return DynamoRuns(aws.client("dynamodb"), "StockTable", KEEP)


@pytest.fixture
def packs(_account: None) -> DynamoPacks:
    return DynamoPacks(aws.client("dynamodb"), "StockTable", KEEP)
