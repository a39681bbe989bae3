"""Reading a stock file: the service's reader against a bare DictReader with a JSON message a row.

Speed is told twice: with a client that only counts, and with the SDK, which serializes and signs each
call and is answered before anything leaves the process. Rounds are interleaved, the figure is the median.
Memory is the growth of a fresh process's peak while it reads.
"""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from inventory.adapters.s3_files import PIECE
from inventory.adapters.sqs_packs import SqsPacks
from inventory.domain.files import StoredFile
from inventory.domain.imports import Checkpoint, Run, RunStatus
from inventory.domain.packs import MAX_ROWS_PER_MESSAGE
from inventory.use_cases.reading import Desk, Rules, read

REQUEST_BYTES = 65_536  # SQS bills each 64 KB of a call as a request
_QUEUE = "https://sqs.eu-west-1.amazonaws.com/000000000000/packs"
_START = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class Counting:
    """An SQS client that takes everything. `requests` is as SQS bills them."""

    calls: int = 0
    requests: int = 0
    bodies: list[str] = field(default_factory=list)
    keeps: bool = False

    def send_message_batch(self, **given: Any) -> dict[str, Any]:
        size = sum(len(entry["MessageBody"].encode()) for entry in given["Entries"])
        self.calls += 1
        if self.keeps:
            self.bodies += [entry["MessageBody"] for entry in given["Entries"]]
        self.requests += -(-size // REQUEST_BYTES)
        return {}


class _Raw:
    def stream(self) -> list[bytes]:
        return [b"{}"]


def sdk() -> Any:
    """An SQS client whose calls are answered on the spot."""
    account: Any = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench"}
    client: Any = boto3.client("sqs", region_name="eu-west-1", **account)

    def answer(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw())

    client.meta.events.register("before-send.sqs.SendMessageBatch", answer)
    return client


class _Local:
    """A file of this machine in place of S3; nothing to report, to remember, or to hand over to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def pieces(self, _: StoredFile, start: int) -> Iterator[bytes]:
        with self._path.open("rb") as content:
            content.seek(start)
            yield from iter(partial(content.read, PIECE), b"")

    @contextmanager
    def error_report(self, *_: Any) -> Iterator["_Local"]:
        yield self

    def add(self, _: Any) -> None:
        """Nobody reads it."""

    def save(self, name: str) -> str:
        return name


def by_service(
    path: Path, sqs: Any, rows_per_message: int = MAX_ROWS_PER_MESSAGE, import_id: str = "import-1"
) -> None:
    local = _Local(path)
    file = StoredFile("bucket", "key", "etag", path.stat().st_size, "1")
    run = Run(import_id, "key", RunStatus.RUNNING, "c", "c", _START, file, _START, checkpoint=Checkpoint())
    nothing: Any = None
    desk = Desk(
        Rules(rows_per_message, 100),
        until=datetime.max.replace(tzinfo=UTC),
        runs=nothing,
        files=local,
        queue=SqsPacks(sqs, _QUEUE),
        reader=nothing,
        clock=lambda: _START,
        pause=lambda _: None,
    )
    read(run, file, desk)


def by_bare_loop(path: Path, sqs: Any) -> None:
    entries = []
    with path.open(encoding="utf-8", newline="") as text:
        for number, row in enumerate(csv.DictReader(text)):
            entries.append({"Id": str(number), "MessageBody": json.dumps(row)})
            if len(entries) == 10:  # noqa: PLR2004 - as many as a call takes
                sqs.send_message_batch(QueueUrl=_QUEUE, Entries=entries)
                entries = []
    if entries:
        sqs.send_message_batch(QueueUrl=_QUEUE, Entries=entries)
