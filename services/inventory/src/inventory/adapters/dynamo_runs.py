"""Import runs in DynamoDB. Writers add to a run's accounts at any time, so its moves are updates in place."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from inventory.adapters.dynamo_stock import BY_TIME, batch_get
from inventory.adapters.run_items import RUN_LISTING, RunItem, new_run_values, reading_values, run_key
from inventory.domain.imports import Reading, Run, RunStatus, StoredFile
from inventory.ports import RunPage
from jetbridge.kernel.clock import to_iso, utc_now
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.cursors import starting_after, to_cursor
from jetbridge.runtime.dynamodb import from_item, refused_as, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BY_KEY = "ByKey"


class _Refused(Exception):
    pass


class DynamoRuns:
    def __init__(self, client: "DynamoDBClient", table_name: str, keep: timedelta) -> None:
        self._client = client
        self._table_name = table_name
        self._keep = keep

    def get(self, import_id: str) -> Run | None:
        found = self._client.get_item(
            TableName=self._table_name, Key=to_item(run_key(import_id)), ConsistentRead=True
        )
        return _read_run(found["Item"]) if "Item" in found else None

    def page(self, *, key: str | None, limit: int, cursor: str | None) -> RunPage:
        index, attribute, value = (BY_KEY, "object_key", key) if key else (BY_TIME, "listing", RUN_LISTING)
        with starting_after(cursor) as start:
            found = self._client.query(
                TableName=self._table_name,
                IndexName=index,
                KeyConditionExpression=f"{attribute} = :value",
                ExpressionAttributeValues=to_item({":value": value}),
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        keys = [{"pk": item["pk"]["S"], "sk": item["sk"]["S"]} for item in found["Items"]]
        runs = map(_read_run, batch_get(self._client, self._table_name, keys))
        return RunPage(
            sorted(runs, key=lambda run: (run.created_at, run.import_id), reverse=True),
            to_cursor(found.get("LastEvaluatedKey")),
        )

    def add(self, run: Run) -> bool:
        return self._put_first(new_run_values(run, self._vanishes_at(run.created_at)))

    def start(self, import_id: str, file: StoredFile, at: datetime) -> Run | None:
        started = {
            "status": RunStatus.RUNNING,
            "identity": file.identity,
            "object_key": file.key,
            "started_at": to_iso(at),
            "vanishes_at": self._vanishes_at(at),
        }
        if not self._update(import_id, started, "#status = :awaiting", awaiting=RunStatus.AWAITING_UPLOAD):
            run = self.get(import_id)
            return run if run and run.identity == file.identity else None
        return self.get(import_id)

    def claim(self, file: StoredFile, import_id: str, *, instead_of: str | None = None) -> str:
        key = {"pk": f"CONTENT#{file.content}", "sk": "CLAIM"}
        values = {"import_id": import_id, "vanishes_at": self._vanishes_at(utc_now())}
        try:
            with refused_as(_Refused()):
                self._client.put_item(
                    TableName=self._table_name,
                    Item=to_item(key | values),
                    ConditionExpression="attribute_not_exists(pk) OR import_id = :instead_of",
                    ExpressionAttributeValues=to_item({":instead_of": instead_of or import_id}),
                )
        except _Refused:
            found = self._client.get_item(TableName=self._table_name, Key=to_item(key), ConsistentRead=True)
            if "Item" not in found:  # it vanished in between
                raise ConcurrentUpdate(file.content) from None
            return found["Item"]["import_id"]["S"]
        return import_id

    def end_reading(self, import_id: str, reading: Reading) -> None:
        self._update(
            import_id, reading_values(reading), "attribute_exists(pk) AND attribute_not_exists(rows_read)"
        )

    def end(self, run: Run) -> bool:
        ended = {
            "status": run.status,
            "ended_at": to_iso(run.ended_at) if run.ended_at else None,
            "duplicate_of": run.duplicate_of,
        }
        return self._update(run.import_id, ended, "#status = :running", running=RunStatus.RUNNING)

    def _put_first(self, values: Mapping[str, Any]) -> bool:
        try:
            with refused_as(_Refused()):
                self._client.put_item(
                    TableName=self._table_name,
                    Item=to_item(values),
                    ConditionExpression="attribute_not_exists(pk)",
                )
        except _Refused:
            return False
        return True

    def _update(self, import_id: str, values: Mapping[str, Any], condition: str, **compared: Any) -> bool:
        """Set what is not None; False if the condition did not hold. Raises ConcurrentUpdate."""
        given = {name: value for name, value in values.items() if value is not None}
        assigned = ", ".join(f"#{name} = :{name}" for name in given)
        names = {f"#{name}": name for name in given}
        try:
            with refused_as(_Refused()):
                self._client.update_item(
                    TableName=self._table_name,
                    Key=to_item(run_key(import_id)),
                    UpdateExpression=f"SET {assigned} ADD version :one",
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=to_item(
                        {f":{name}": value for name, value in (given | compared).items()} | {":one": 1}
                    ),
                )
        except _Refused:
            return False
        return True

    def _vanishes_at(self, moment: datetime) -> int:
        return int((moment + self._keep).timestamp())


def _read_run(item: Mapping[str, Any]) -> Run:
    return RunItem.model_validate(from_item(item)).to_run()
