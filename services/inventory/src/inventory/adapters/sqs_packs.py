"""Packs of rows as messages."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import orjson
from pydantic import BaseModel

from inventory.domain.packs import Pack
from inventory.domain.stock_file import Row
from jetbridge.kernel.clock import to_iso

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

CALL_BYTES = 262_144  # what the messages of one call may have together


class PackBody(BaseModel):
    """A pack on its way; a row is `[line, product_id, location, quantity, update_date]`."""

    import_id: str
    number: int
    started_at: datetime
    correlation_id: str
    rows: tuple[Row, ...]

    def to_pack(self) -> Pack:
        return Pack(self.import_id, self.number, self.started_at, self.correlation_id, self.rows)


def body_of(pack: Pack) -> bytes:
    values = {
        "import_id": pack.import_id,
        "number": pack.number,
        "started_at": to_iso(pack.started_at),
        "correlation_id": pack.correlation_id,
        "rows": pack.rows,
    }
    return orjson.dumps(values)


class SqsPacks:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, packs: Sequence[Pack]) -> Sequence[Pack]:
        refused: list[Pack] = []
        for call in _calls(packs):
            by_id = {str(pack.number): pack for pack, _ in call}
            answer = self._client.send_message_batch(
                QueueUrl=self._queue_url,
                Entries=[{"Id": str(pack.number), "MessageBody": body.decode()} for pack, body in call],
            )
            refused += [by_id[failure["Id"]] for failure in answer.get("Failed", [])]
        return refused


def _calls(packs: Sequence[Pack]) -> Iterator[list[tuple[Pack, bytes]]]:
    """All in one, unless product ids are very long."""
    call: list[tuple[Pack, bytes]] = []
    size = 0
    for pack in packs:
        body = body_of(pack)
        size += len(body)
        if size > CALL_BYTES and call:
            yield call
            call, size = [], len(body)
        call.append((pack, body))
    yield call
