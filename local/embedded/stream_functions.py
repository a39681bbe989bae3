"""Functions fed by a DynamoDB stream: partial failures, bisection, bounded retries, an OnFailure destination.

Each mapping has a thread of its own, so that a slow function does not hold up the queues.
"""

import contextvars
import logging
import threading
import time
from typing import Any

from ministack.services import dynamodb, lambda_svc

from embedded import wakeup
from embedded.overlay import replace, wrap
from embedded.settings import Settings

IDLE_SECONDS = 1.0
FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 30.0

Mapping = dict[str, Any]
Record = dict[str, Any]
logger = logging.getLogger("lambda.streams")


def install(settings: Settings) -> None:
    replace(lambda_svc, "_poll_dynamodb_streams", "", lambda: False)

    @wrap(lambda_svc, "_init_stream_position", "esm_id source_arn starting")
    def start(original: Any, esm_id: str, source_arn: str, starting: str) -> None:
        original(esm_id, source_arn, starting)
        if source_arn.split(":")[2:3] == ["dynamodb"]:
            run = contextvars.copy_context().run
            threading.Thread(target=run, args=(_run, esm_id), name=f"stream-{esm_id}", daemon=True).start()


def _run(esm_id: str) -> None:
    while (mapping := lambda_svc._esms.get(esm_id)) is not None:
        try:
            if mapping.get("Enabled", True) and _move_one_batch(mapping):
                continue
        except Exception:
            logger.exception("mapping %s", esm_id)
        wakeup.wait(IDLE_SECONDS)


def _move_one_batch(mapping: Mapping) -> bool:
    """True if there was something to move."""
    table, positions = mapping["EventSourceArn"].split("/")[1], lambda_svc._dynamodb_stream_positions
    function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    if function is None:
        return False
    position = max(positions[mapping["UUID"]], dynamodb.stream_start_position(table))
    records = dynamodb.stream_records_since(table, position, int(mapping.get("BatchSize", 100)))
    if not records:
        return False
    wanted = lambda_svc._apply_filter_criteria(list(records), mapping)
    if not wanted or _process(mapping, function, wanted):
        positions[mapping["UUID"]] = position + len(records)
    return True


def _process(mapping: Mapping, function: dict[str, Any], records: list[Record]) -> bool:
    """True when these records are done with: processed, or given up and reported to the destination."""
    attempt = 0
    while lambda_svc._esms.get(mapping["UUID"]) is mapping:
        result = lambda_svc._execute_function(function, {"Records": records})
        failed = _first_failed(mapping, result, records)
        mapping["LastProcessingResult"] = "OK" if failed is None else "PROBLEM: Function call failed"
        if failed is None:
            return True
        if failed > 0:
            records, attempt = records[failed:], 0
            continue
        if len(records) > 1 and mapping.get("BisectBatchOnFunctionError"):
            half = len(records) // 2
            return all([_process(mapping, function, part) for part in (records[:half], records[half:])])
        if condition := _given_up(mapping, attempt, records):
            arn = mapping["EventSourceArn"]
            lambda_svc._send_ddb_stream_failure_record(mapping, function, records, arn, result, condition)
            return True
        time.sleep(min(FIRST_BACKOFF_SECONDS * 2**attempt, LONGEST_BACKOFF_SECONDS))
        attempt += 1
    return False


def _first_failed(mapping: Mapping, result: dict[str, Any], records: list[Record]) -> int | None:
    """Index of the first record to be tried again; None if all are done."""
    if result.get("error"):
        return 0
    body = result.get("body")
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []) or not isinstance(
        body, dict
    ):
        return None
    failures = body.get("batchItemFailures") or []
    named = {failure.get("itemIdentifier") for failure in failures}
    indexes = [i for i, record in enumerate(records) if record["dynamodb"]["SequenceNumber"] in named]
    return min(indexes, default=0) if failures else None


def _given_up(mapping: Mapping, attempt: int, records: list[Record]) -> str | None:
    retries = int(mapping.get("MaximumRetryAttempts", -1))
    longest = int(mapping.get("MaximumRecordAgeInSeconds", -1))
    if 0 <= retries <= attempt:
        return "RetryAttemptsExhausted"
    age = time.time() - records[0]["dynamodb"]["ApproximateCreationDateTime"]
    return "MaxRecordAgeExceeded" if 0 <= longest < age else None
