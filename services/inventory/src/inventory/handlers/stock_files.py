"""Stock files, as S3 tells of them: read, checked, and sent on in packs."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.data_classes import S3Event
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.domain.imports import StoredFile
from inventory.use_cases.importing import import_stock_file
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import correlate, count, logger, observed


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    """S3 may deliver the same event again, and Lambda retries a fault: both are harmless."""
    for file in _files_in(event):
        run = import_stock_file(
            file,
            bootstrap.rules(),
            runs=bootstrap.runs(),
            files=bootstrap.files(),
            queue=bootstrap.pack_queue(),
            clock=utc_now,
            pause=bootstrap.pause,
        )
        correlate(run.correlation_id)
        count("StockFilesRead")
        logger.info("stock file read", extra={"import_id": run.import_id, "status": run.status})


def _files_in(event: dict[str, Any]) -> Iterator[StoredFile]:
    """None in an `s3:TestEvent`, which S3 sends when the notification is made."""
    for record in S3Event({"Records": event.get("Records", [])}).records:
        found = record.s3.get_object
        key = unquote_plus(found.key)
        version = found.version_id or f"{found.etag}:{found.sequencer}"
        yield StoredFile(record.s3.bucket.name, key, found.etag, found.size, version)
