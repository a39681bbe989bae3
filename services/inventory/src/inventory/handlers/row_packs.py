"""Packs of rows, from this service's own queue: each becomes levels, once."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.adapters.sqs_packs import PackBody
from inventory.use_cases.counting import count_pack
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import correlate, count, logger, observed
from jetbridge.runtime.queues import consume, read_body


def write(record: SQSRecord) -> None:
    pack = read_body(PackBody, record.body).to_pack()
    correlate(pack.correlation_id)
    ended = count_pack(
        pack,
        threshold=bootstrap.low_stock_threshold(),
        packs=bootstrap.packs(),
        stock=bootstrap.stock(),
        thresholds=bootstrap.thresholds(),
        ledger=bootstrap.ledger(),
        runs=bootstrap.runs(),
        clock=utc_now,
        pause=bootstrap.pause,
    )
    count("RowsAccounted", len(pack.rows))
    if ended:
        logger.info("import ended", extra={"import_id": ended.import_id, "status": ended.status})


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return consume(event, context, write, dead_letters=bootstrap.dead_letters())
