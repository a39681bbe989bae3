"""Levels and holds in DynamoDB: every write conditional on the version that was read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from inventory.adapters.hold_items import HELD_LISTING, HoldItem, hold_key, hold_values
from inventory.adapters.level_items import LevelItem, entry_values, level_key, level_values
from inventory.domain.holds import Hold
from inventory.domain.levels import Change, Level, Place
from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.dynamodb import (
    Cancelled,
    batch_get,
    batch_put,
    from_item,
    put_over,
    read_item,
    to_item,
    transact,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

BY_TIME = "ByTime"


class DynamoStock:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def levels_of(self, product_id: str) -> Sequence[Level]:
        return levels_of(self._client, self._table_name, product_id)

    def levels_at(self, places: Iterable[Place]) -> Mapping[Place, Level]:
        items = batch_get(self._client, self._table_name, [level_key(place) for place in places])
        return {level.place: level for level in map(read_level, items)}

    def hold_of(self, order_id: str) -> Hold | None:
        item = read_item(self._client, self._table_name, hold_key(order_id))
        return HoldItem.model_validate(item).to_hold() if item else None

    def expired_orders(self, moment: datetime) -> Iterator[str]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            IndexName=BY_TIME,
            KeyConditionExpression="listing = :held AND listed_at <= :moment",
            ExpressionAttributeValues=to_item({":held": HELD_LISTING, ":moment": to_iso(moment)}),
        )
        return (item["pk"]["S"].removeprefix("ORDER#") for page in pages for item in page["Items"])

    def save_hold(self, hold: Hold, changes: Sequence[Change]) -> bool:
        put = put_over(self._table_name, hold_values(hold), "pk", hold.version - 1)
        try:
            write_levels(self._client, self._table_name, put, changes)
        except Cancelled as cancelled:
            if cancelled.refused(0):
                return False
            raise
        return True

    def save_level(self, change: Change) -> None:
        seen = change.old.version if change.old else 0
        put = put_over(self._table_name, level_values(change.new), "pk", seen)
        file_entries(self._client, self._table_name, [change.old] if change.old else [])
        transact(self._client, [put])


def levels_of(client: "DynamoDBClient", table_name: str, product_id: str) -> list[Level]:
    pages = client.get_paginator("query").paginate(
        TableName=table_name,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :level)",
        ExpressionAttributeValues=to_item({":pk": f"PRODUCT#{product_id}", ":level": "LEVEL#"}),
        ConsistentRead=True,
    )
    return [read_level(item) for page in pages for item in page["Items"]]


def read_level(item: Mapping[str, Any]) -> Level:
    return LevelItem.model_validate(from_item(item)).to_level()


def write_levels(
    client: "DynamoDBClient", table_name: str, first: "TransactWriteItemTypeDef", changes: Sequence[Change]
) -> None:
    """`first` and the levels, all or nothing. Raises Cancelled.

    A level is its own ledger entry until the next version replaces it, so the entry of the version that was
    read is filed before. That is a copy of what never changes: doing it twice, or for nothing, does no harm.
    """
    file_entries(client, table_name, [change.old for change in changes if change.old])
    puts = (
        put_over(table_name, level_values(change.new), "pk", change.old.version if change.old else 0)
        for change in changes
    )
    transact(client, [first, *puts])


def file_entries(client: "DynamoDBClient", table_name: str, levels: Iterable[Level]) -> None:
    """Write the ledger entries of these versions, once or again."""
    for some in batched((level for level in levels if level.moved_units), 25, strict=False):
        batch_put(client, table_name, map(entry_values, some))
