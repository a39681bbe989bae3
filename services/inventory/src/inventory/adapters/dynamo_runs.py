"""Import runs in DynamoDB. Writers add to a run's accounts at any time, so its moves are updates in place."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from inventory.adapters.conditional import put_first, update_if
from inventory.adapters.dynamo_stock import BY_TIME
from inventory.adapters.run_items import (
    RUN_LISTING,
    RunItem,
    checkpoint_values,
    new_run_values,
    reading_values,
    run_key,
)
from inventory.domain.files import StoredFile
from inventory.domain.imports import Checkpoint, Reading, Run, RunStatus
from jetbridge.kernel.clock import to_iso, utc_now
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.pages import Page
from jetbridge.runtime.cursors import starting_after, to_cursor
from jetbridge.runtime.dynamodb import batch_get, from_item, read_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BY_KEY = "ByKey"


class DynamoRuns:
    def __init__(self, client: "DynamoDBClient", table_name: str, keep: timedelta) -> None:
        self._client = client
        self._table_name = table_name
        self._keep = keep

    def get(self, import_id: str) -> Run | None:
        item = read_item(self._client, self._table_name, run_key(import_id))
        return RunItem.model_validate(item).to_run() if item else None

    def page(self, *, key: str | None, limit: int, cursor: str | None) -> Page[Run]:
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
        items = map(from_item, batch_get(self._client, self._table_name, keys))
        runs = (RunItem.model_validate(item).to_run() for item in items)
        return Page(
            sorted(runs, key=lambda run: (run.created_at, run.import_id), reverse=True),
            to_cursor(found.get("LastEvaluatedKey")),
        )

    def add(self, run: Run) -> bool:
        return put_first(
            self._client, self._table_name, new_run_values(run, self._vanishes_at(run.created_at))
        )

    def start(self, import_id: str, file: StoredFile, at: datetime) -> Run | None:
        started = {
            "status": RunStatus.RUNNING,
            "file": asdict(file),
            "object_key": file.key,
            "started_at": to_iso(at),
            "vanishes_at": self._vanishes_at(at),
        }
        if not self._update(import_id, started, "#status = :awaiting", awaiting=RunStatus.AWAITING_UPLOAD):
            run = self.get(import_id)
            return run if run and run.file == file else None
        return self.get(import_id)

    def claim(self, file: StoredFile, import_id: str, *, instead_of: str | None = None) -> str:
        key = {"pk": f"CONTENT#{file.content}", "sk": "CLAIM"}
        item = key | {"import_id": import_id, "vanishes_at": self._vanishes_at(utc_now())}
        if put_first(self._client, self._table_name, item, "import_id", instead_of or import_id):
            return import_id
        found = read_item(self._client, self._table_name, key)
        if found is None:  # it vanished in between
            raise ConcurrentUpdate(file.content)
        return str(found["import_id"])

    def checkpoint(self, import_id: str, checkpoint: Checkpoint) -> bool:
        return self._update(
            import_id,
            {"checkpoint": checkpoint_values(checkpoint)},
            "attribute_not_exists(rows_read) AND "
            # equal: our own, whose answer was lost
            "(attribute_not_exists(#checkpoint) OR #checkpoint.packs <= :packs)",
            packs=checkpoint.packs,
        )

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

    def _update(self, import_id: str, values: Mapping[str, Any], condition: str, **compared: Any) -> bool:
        key = run_key(import_id)
        return update_if(self._client, self._table_name, key, values, condition, **compared)

    def _vanishes_at(self, moment: datetime) -> int:
        return int((moment + self._keep).timestamp())
