"""Settings and adapters, made once and lazily; importing this makes no call and needs no environment."""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from inventory.adapters.dynamo_ledger import DynamoLedger
from inventory.adapters.dynamo_packs import DynamoPacks
from inventory.adapters.dynamo_products import DynamoProducts, DynamoThresholds
from inventory.adapters.dynamo_runs import DynamoRuns
from inventory.adapters.dynamo_stock import DynamoStock
from inventory.adapters.lambda_reader import LambdaReader
from inventory.adapters.s3_files import S3Files, S3Links
from inventory.adapters.sqs_packs import SqsPacks
from inventory.ports import (
    Files,
    Ledger,
    Links,
    PackQueue,
    Packs,
    Products,
    Reader,
    Runs,
    Stock,
    Thresholds,
)
from inventory.settings import (
    ApiSettings,
    ConsumerSettings,
    HoldSettings,
    LinkSettings,
    ReaderSettings,
    RedeliverySettings,
    RerunSettings,
    RunSettings,
    TableSettings,
    WriterSettings,
)
from inventory.use_cases.reading import Rules
from jetbridge.runtime import aws
from jetbridge.runtime.backoff import back_off

if TYPE_CHECKING:
    from jetbridge.runtime.queues import DeadLetters
    from jetbridge.runtime.redelivery import Redelivery

pause = back_off
_RETRY_AFTER = 60  # seconds; the next time four times as long


@cache
def api_settings() -> ApiSettings:
    return ApiSettings.from_env()


@cache
def low_stock_threshold() -> int:
    return WriterSettings.from_env().low_stock_threshold


@cache
def hold_settings() -> HoldSettings:
    return HoldSettings.from_env()


@cache
def rules() -> Rules:
    settings = ReaderSettings.from_env()
    return Rules(settings.rows_per_message, settings.max_rejected_share)


@cache
def stock() -> Stock:
    return DynamoStock(aws.client("dynamodb"), _table_name())


@cache
def ledger() -> Ledger:
    return DynamoLedger(aws.client("dynamodb"), _table_name())


@cache
def products() -> Products:
    return DynamoProducts(aws.client("dynamodb"), _table_name())


@cache
def thresholds() -> Thresholds:
    return DynamoThresholds(aws.client("dynamodb"), _table_name())


@cache
def packs() -> Packs:
    return DynamoPacks(aws.client("dynamodb"), _table_name(), _run_retention())


@cache
def runs() -> Runs:
    return DynamoRuns(aws.client("dynamodb"), _table_name(), _run_retention())


@cache
def files() -> Files:
    return S3Files(aws.client("s3"))


@cache
def links() -> Links:
    settings = LinkSettings.from_env()
    return S3Links(aws.client("s3"), settings.import_bucket, settings.max_file_bytes)


@cache
def pack_queue() -> PackQueue:
    return SqsPacks(aws.client("sqs"), ReaderSettings.from_env().packs_queue_url)


@cache
def reader() -> Reader:
    return next_reader(RerunSettings.from_env().reader_function_name)


@cache
def next_reader(function_name: str) -> Reader:
    return LambdaReader(aws.client("lambda"), function_name)


@cache
def dead_letters() -> "DeadLetters":
    from jetbridge.runtime.queues import DeadLetters

    return DeadLetters(aws.client("sqs"), ConsumerSettings.from_env().dead_letters_url)


@cache
def redelivery() -> "Redelivery":
    from jetbridge.runtime.redelivery import Redelivery

    return Redelivery(aws.client("sqs"), RedeliverySettings.from_env().queue_url, _RETRY_AFTER)


def _table_name() -> str:
    return TableSettings.from_env().stock_table_name


def _run_retention() -> timedelta:
    return timedelta(days=RunSettings.from_env().run_retention_days)
