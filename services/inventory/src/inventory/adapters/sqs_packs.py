"""Packs of rows as messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel
from pydantic_core import to_json

from inventory.domain.packs import Pack
from inventory.domain.stock_file import Row
from jetbridge.kernel.clock import to_iso

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class PackBody(BaseModel):
    """A pack on its way; a row is `[line, product_id, location, quantity, update_date]`."""

    import_id: str
    number: int
    started_at: datetime
    correlation_id: str
    rows: tuple[Row, ...]

    def to_pack(self) -> Pack:
        return Pack(self.import_id, self.number, self.started_at, self.correlation_id, self.rows)


def body_of(pack: Pack) -> str:
    values = {
        "import_id": pack.import_id,
        "number": pack.number,
        "started_at": to_iso(pack.started_at),
        "correlation_id": pack.correlation_id,
        "rows": [*map(tuple, pack.rows)],  # plain tuples encode four times faster than named ones
    }
    return to_json(values).decode()


class SqsPacks:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, packs: Sequence[Pack]) -> Sequence[Pack]:
        by_id = {str(number): pack for number, pack in enumerate(packs)}
        answer = self._client.send_message_batch(
            QueueUrl=self._queue_url,
            Entries=[{"Id": id_, "MessageBody": body_of(pack)} for id_, pack in by_id.items()],
        )
        return [by_id[failure["Id"]] for failure in answer.get("Failed", [])]
