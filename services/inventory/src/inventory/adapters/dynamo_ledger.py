"""The ledger in DynamoDB. Before it is read, the entries that still are levels only are filed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from inventory.adapters.dynamo_stock import BY_TIME, file_entries, levels_of, read_level
from inventory.adapters.level_items import EntryItem, ledger_sort_key, shard_listing
from inventory.domain.ledger import Entry
from inventory.domain.levels import Level
from jetbridge.kernel.pages import Page
from jetbridge.runtime.cursors import starting_after, to_cursor
from jetbridge.runtime.dynamodb import batch_get, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoLedger:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def page(self, product_id: str, *, limit: int, cursor: str | None) -> Page[Entry]:
        if cursor is None:
            file_entries(
                self._client, self._table_name, levels_of(self._client, self._table_name, product_id)
            )
        with starting_after(cursor) as start:
            found = self._client.query(
                TableName=self._table_name,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :ledger)",
                ExpressionAttributeValues=to_item({":pk": f"PRODUCT#{product_id}", ":ledger": "LEDGER#"}),
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=limit,
                **start,
            )
        entries = [EntryItem.model_validate(from_item(item)).to_entry() for item in found["Items"]]
        return Page(entries, to_cursor(found.get("LastEvaluatedKey")))

    def entries(self, level: Level) -> Iterator[Entry]:
        file_entries(self._client, self._table_name, [level])
        bounds = {
            ":pk": f"PRODUCT#{level.place.product_id}",
            ":first": ledger_sort_key(level.place, 0),
            ":last": ledger_sort_key(level.place, level.version),
        }
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=to_item(bounds),
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield EntryItem.model_validate(from_item(item)).to_entry()

    def levels(self, shard: int, *, limit: int, cursor: str | None) -> Page[Level]:
        with starting_after(cursor) as start:
            found = self._client.query(
                TableName=self._table_name,
                IndexName=BY_TIME,
                KeyConditionExpression="listing = :shard",
                ExpressionAttributeValues=to_item({":shard": shard_listing(shard)}),
                Limit=limit,
                **start,
            )
        keys = [{"pk": item["pk"]["S"], "sk": item["sk"]["S"]} for item in found["Items"]]
        levels = map(read_level, batch_get(self._client, self._table_name, keys))
        return Page(
            sorted(levels, key=lambda level: (level.place.product_id, level.place.location)),
            to_cursor(found.get("LastEvaluatedKey")),
        )
