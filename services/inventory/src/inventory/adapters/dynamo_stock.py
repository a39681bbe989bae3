"""Levels with their ledger, and holds, in DynamoDB: every write conditional on the version that was read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from inventory.adapters.hold_items import HELD_LISTING, HoldItem, hold_key, hold_values
from inventory.adapters.level_items import LevelItem, ledger_values, level_key, level_values
from inventory.domain.holds import Hold
from inventory.domain.levels import Change, Level, Place
from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.dynamodb import Cancelled, from_item, to_item, transact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

BY_TIME = "ByTime"


class DynamoStock:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def levels_of(self, product_id: str) -> Sequence[Level]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :level)",
            ExpressionAttributeValues=to_item({":pk": f"PRODUCT#{product_id}", ":level": "LEVEL#"}),
            ConsistentRead=True,
        )
        return [read_level(item) for page in pages for item in page["Items"]]

    def levels_at(self, places: Iterable[Place]) -> Mapping[Place, Level]:
        items = batch_get(self._client, self._table_name, [level_key(place) for place in places])
        return {level.place: level for level in map(read_level, items)}

    def hold_of(self, order_id: str) -> Hold | None:
        found = self._client.get_item(
            TableName=self._table_name, Key=to_item(hold_key(order_id)), ConsistentRead=True
        )
        item = found.get("Item")
        return HoldItem.model_validate(from_item(item)).to_hold() if item else None

    def expired_orders(self, moment: datetime, limit: int) -> Sequence[str]:
        found = self._client.query(
            TableName=self._table_name,
            IndexName=BY_TIME,
            KeyConditionExpression="listing = :held AND listed_at <= :moment",
            ExpressionAttributeValues=to_item({":held": HELD_LISTING, ":moment": to_iso(moment)}),
            Limit=limit,
        )
        return [item["pk"]["S"].removeprefix("ORDER#") for item in found["Items"]]

    def save_hold(self, hold: Hold, changes: Sequence[Change]) -> bool:
        put = put_version(self._table_name, hold_values(hold), hold.version - 1)
        try:
            transact(self._client, [put, *level_actions(self._table_name, changes)])
        except Cancelled as cancelled:
            if cancelled.refused(0):
                return False
            raise
        return True


def read_level(item: Mapping[str, Any]) -> Level:
    return LevelItem.model_validate(from_item(item)).to_level()


def level_actions(table_name: str, changes: Iterable[Change]) -> "Iterator[TransactWriteItemTypeDef]":
    """The level as it was read becomes the new one; beside it its ledger entry, if units moved."""
    for change in changes:
        seen = change.old.version if change.old else 0
        yield put_version(table_name, level_values(change.new), seen)
        if change.moved_units:
            yield put_version(table_name, ledger_values(change), 0)


def put_version(table_name: str, values: Mapping[str, Any], seen: int) -> "TransactWriteItemTypeDef":
    """Put the item over version `seen` of it; 0: there must be none."""
    put: dict[str, Any] = {"TableName": table_name, "Item": to_item(values)}
    if seen:
        put |= {
            "ConditionExpression": "version = :seen",
            "ExpressionAttributeValues": to_item({":seen": seen}),
        }
    else:
        put["ConditionExpression"] = "attribute_not_exists(pk)"
    return {"Put": put}  # type: ignore[typeddict-item]


def batch_get(
    client: "DynamoDBClient", table_name: str, keys: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The items of at most 100 keys, as they are now. What DynamoDB leaves out is asked for again."""
    items: list[Mapping[str, Any]] = []
    wanted: Any = {table_name: {"Keys": [to_item(key) for key in keys], "ConsistentRead": True}}
    while wanted and wanted[table_name]["Keys"]:
        found = client.batch_get_item(RequestItems=wanted)
        items += found["Responses"].get(table_name, [])
        wanted = found.get("UnprocessedKeys")
    return items
