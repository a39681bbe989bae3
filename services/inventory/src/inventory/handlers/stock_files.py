"""Stock files, as S3 tells of them or an earlier reader left them: read, checked, and sent on in packs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.data_classes import S3Event
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.adapters.lambda_reader import ReadOn
from inventory.domain.files import StoredFile
from inventory.domain.imports import Run
from inventory.use_cases.importing import import_stock_file, read_on
from inventory.use_cases.reading import Desk
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import correlate, count, logger, observed

HANDOVER = timedelta(seconds=60)  # before the function's time is over: one call with all its attempts


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """S3 may deliver the same event again, and Lambda retries a fault: both are harmless."""
    desk = _desk(context)
    if "import_id" in event:
        _tell(read_on(ReadOn.model_validate(event).import_id, desk))
    for file in _files_in(event):
        if not file.is_folder:
            _tell(import_stock_file(file, desk))


def _desk(context: LambdaContext) -> Desk:
    left = timedelta(milliseconds=context.get_remaining_time_in_millis())
    return Desk(
        bootstrap.rules(),
        until=utc_now() + left - HANDOVER,
        runs=bootstrap.runs(),
        files=bootstrap.files(),
        queue=bootstrap.pack_queue(),
        reader=bootstrap.next_reader(context.function_name),
        clock=utc_now,
        pause=bootstrap.pause,
    )


def _tell(run: Run) -> None:
    correlate(run.correlation_id)
    count("StockFilesRead" if run.reading else "StockFilesHandedOver")
    logger.info("stock file read", extra={"import_id": run.import_id, "status": run.status})


def _files_in(event: dict[str, Any]) -> Iterator[StoredFile]:
    """None in an `s3:TestEvent`, which S3 sends when the notification is made."""
    for record in S3Event({"Records": event.get("Records", [])}).records:
        found = record.s3.get_object
        key = unquote_plus(found.key)
        version = found.version_id or f"{found.etag}:{found.sequencer}"
        yield StoredFile(record.s3.bucket.name, key, found.etag, found.size, version)
