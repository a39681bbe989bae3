"""The week's tick: what became of its imports. Its answer goes to operations, its destination."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.use_cases.runs import summarize
from jetbridge.kernel.clock import to_iso, utc_now
from jetbridge.runtime.observability import observed

WEEK = timedelta(days=7)


@observed
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    until = utc_now()
    summary = summarize(since=until - WEEK, runs=bootstrap.runs())
    return {
        "subject": "Imports of stock files",
        "since": to_iso(until - WEEK),
        "until": to_iso(until),
    } | asdict(summary)
