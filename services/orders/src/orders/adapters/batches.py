"""Batches in DynamoDB: one item a batch and one for each settled order, all under the customer's own key."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.dynamodb import Row, from_item, put_new, to_item
from orders.domain.batches import Batch, Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH, _ORDER = "BATCH", "ORDER#"  # in the order that they are read in


class BatchRow(Row):
    received_at: datetime
    size: int
    problem: str | None = None


class OutcomeRow(Row):
    request_token: str | None = None
    order_id: str | None = None
    problem: str | None = None


class DynamoBatches:
    """Kept for `days` after they were received."""

    def __init__(self, client: "DynamoDBClient", table_name: str, days: int) -> None:
        self._client = client
        self._table_name = table_name
        self._kept = timedelta(days=days)

    def opened(self, batch: Batch) -> Batch:
        row = {"received_at": to_iso(batch.received_at), "size": batch.size, "problem": batch.problem}
        if self._add(batch, _BATCH, row):
            return batch
        return self.get(batch.customer_id, batch.batch_id) or batch

    def record(self, batch: Batch, position: int, outcome: Outcome) -> None:
        row = {name: getattr(outcome, name) for name in OutcomeRow.model_fields}
        self._add(batch, f"{_ORDER}{position:03}", row)

    def get(self, customer_id: str, batch_id: str) -> Batch | None:
        items = self._read(_key_of(customer_id, batch_id))
        if not items or items[0]["entry"] != _BATCH:
            return None
        outcomes = {int(item["entry"].removeprefix(_ORDER)): _outcome_of(item) for item in items[1:]}
        return Batch(batch_id, customer_id, **dict(BatchRow.model_validate(items[0])), outcomes=outcomes)

    def _read(self, key: str) -> list[dict[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="batch_key = :key",
            ExpressionAttributeValues=to_item({":key": key}),
            ConsistentRead=True,
        )
        return [from_item(item) for page in pages for item in page["Items"]]

    def _add(self, batch: Batch, entry: str, values: dict[str, Any]) -> bool:
        """False if it is there already: what was told first stands."""
        key = {"batch_key": _key_of(batch.customer_id, batch.batch_id), "entry": entry}
        expires = {"expires_at": int((batch.received_at + self._kept).timestamp())}
        return put_new(self._client, self._table_name, key | values | expires, "batch_key")


def _key_of(customer_id: str, batch_id: str) -> str:
    return f"{customer_id}/{batch_id}"


def _outcome_of(item: dict[str, Any]) -> Outcome:
    return Outcome(**OutcomeRow.model_validate(item).model_dump())
