"""Packs of rows in DynamoDB: the pack's accounts stand in one transaction with the levels that it counts.

IMPORT#{id}  PACK#{number}   how many rows were written, unchanged, stale; and whether the run knows
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from inventory.adapters.dynamo_stock import read_level, write_levels
from inventory.adapters.level_items import level_key
from inventory.adapters.run_items import run_key
from inventory.domain.levels import Change, Level, Place
from inventory.domain.packs import Accounts, Pack
from jetbridge.runtime.dynamodb import Cancelled, Row, batch_get, from_item, put_over, to_item, transact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class PackItem(Row):
    written: int
    unchanged: int
    stale: int

    def to_accounts(self) -> Accounts:
        return Accounts(self.written, self.unchanged, self.stale)


class DynamoPacks:
    def __init__(self, client: "DynamoDBClient", table_name: str, keep: timedelta) -> None:
        self._client = client
        self._table_name = table_name
        self._keep = keep

    def look_up(self, pack: Pack) -> tuple[Accounts | None, Mapping[Place, Level]]:
        keys = [_pack_key(pack), *map(level_key, pack.places())]
        accounts, levels = None, {}
        for item in batch_get(self._client, self._table_name, keys):
            if item["kind"]["S"] == "PACK":
                accounts = PackItem.model_validate(from_item(item)).to_accounts()
            else:
                level = read_level(item)
                levels[level.place] = level
        return accounts, levels

    def write(self, pack: Pack, accounts: Accounts, changes: Sequence[Change]) -> None:
        values = _pack_key(pack) | {
            "kind": "PACK",
            "written": accounts.written,
            "unchanged": accounts.unchanged,
            "stale": accounts.stale,
            "accounted": False,
            "vanishes_at": int((pack.started_at + self._keep).timestamp()),
        }
        put = put_over(self._table_name, values, "pk", 0)
        write_levels(self._client, self._table_name, put, changes)

    def account(self, pack: Pack, accounts: Accounts) -> None:
        known: Any = {
            "TableName": self._table_name,
            "Key": to_item(_pack_key(pack)),
            "UpdateExpression": "SET accounted = :true",
            "ConditionExpression": "accounted = :false",
            "ExpressionAttributeValues": to_item({":true": True, ":false": False}),
        }
        added: Any = {
            "TableName": self._table_name,
            "Key": to_item(run_key(pack.import_id)),
            "UpdateExpression": "ADD rows_written :w, rows_unchanged :u, rows_stale :s, version :one",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": to_item(
                {":w": accounts.written, ":u": accounts.unchanged, ":s": accounts.stale, ":one": 1}
            ),
        }
        try:
            transact(self._client, [{"Update": known}, {"Update": added}])
        except Cancelled as cancelled:
            if not cancelled.refused(0):
                raise


def _pack_key(pack: Pack) -> dict[str, Any]:
    return run_key(pack.import_id) | {"sk": f"PACK#{pack.number:08}"}
