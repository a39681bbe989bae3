"""Every call to a service as a metric, by the role that made it and its operation: what a transaction costs.

AWS counts them in `AWS/Usage` without the role. Namespace `Embedded`: `Calls`, and for DynamoDB `Items`, the
reads and writes that a call asks for, by table.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ministack.core import iam_actions
from ministack.core.router import extract_access_key_id
from ministack.services import cloudwatch, sts

from embedded.overlay import wrap
from embedded.settings import Settings

NAMESPACE = "Embedded"


def install(settings: Settings) -> None:
    @wrap(iam_actions, "extract_iam_action", "service method path headers body query_params")
    def action(
        original: Any, service: str, method: str, path: str, headers: Any, body: bytes, query: Any
    ) -> Any:
        found = original(service, method, path, headers, body, query)
        session = sts._sessions.get(extract_access_key_id(headers, query))
        if found and session:
            _count(session["Arn"].split("/")[1], found, body)
        return found


def _count(role: str, operation: str, body: bytes) -> None:
    dimensions = {"Role": role, "Operation": operation}
    cloudwatch.record_metric(NAMESPACE, "Calls", 1, "Count", dimensions)
    if not operation.startswith("dynamodb:"):
        return
    for table, items in Counter(_tables(json.loads(body or b"{}"))).items():
        cloudwatch.record_metric(NAMESPACE, "Items", items, "Count", {**dimensions, "Table": table})


def _tables(request: Any) -> Iterator[str]:
    """The table of every item that a request reads or writes."""
    if "TableName" in request:
        yield request["TableName"]
    for part in request.get("TransactItems", []):
        yield from (action["TableName"] for action in part.values())
    for table, parts in request.get("RequestItems", {}).items():
        yield from [table] * len(_parts(parts))


def _parts(of_table: Any) -> Any:
    """Those of a BatchGetItem stand under `Keys`, those of a BatchWriteItem are a list."""
    return of_table["Keys"] if isinstance(of_table, dict) else of_table
