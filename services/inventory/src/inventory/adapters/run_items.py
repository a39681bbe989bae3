"""Import runs as items of the table.

IMPORT#{id}    RUN     a run; `listing` puts it in the index by time, `object_key` in the one by key
CONTENT#{id}   CLAIM   which import has a file's content

They vanish at `vanishes_at` (seconds since 1970).
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from inventory.domain.files import StoredFile
from inventory.domain.imports import Checkpoint, Reading, Run, RunStatus
from inventory.domain.lines import Seam
from inventory.domain.packs import Accounts
from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.dynamodb import Row

RUN_LISTING = "IMPORTS"


def run_key(import_id: str) -> dict[str, Any]:
    return {"pk": f"IMPORT#{import_id}", "sk": "RUN"}


class FileItem(Row):
    bucket: str
    key: str
    etag: str
    size: int
    version: str

    def to_file(self) -> StoredFile:
        return StoredFile(self.bucket, self.key, self.etag, self.size, self.version)


class CheckpointItem(Row):
    bytes: int
    lines: int
    packs: int
    rows_read: int
    rows_sent: int
    rows_rejected: int
    error_report: str | None = None

    def to_checkpoint(self) -> Checkpoint:
        return Checkpoint(
            Seam(self.bytes, self.lines),
            self.packs,
            self.rows_read,
            self.rows_sent,
            self.rows_rejected,
            self.error_report,
        )


class RunItem(Row):
    """`rows_read` and what stands beside it is there when the reader is done."""

    import_id: str
    object_key: str
    status: RunStatus
    correlation_id: str
    causation_id: str
    created_at: datetime
    file: FileItem | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    checkpoint: CheckpointItem | None = None
    rows_read: int | None = None
    rows_sent: int = 0
    rows_rejected: int = 0
    error_report: str | None = None
    failure: str | None = None
    rows_written: int = 0
    rows_unchanged: int = 0
    rows_stale: int = 0
    duplicate_of: str | None = None
    rerun_of: str | None = None
    version: int

    def to_run(self) -> Run:
        return Run(
            import_id=self.import_id,
            key=self.object_key,
            status=self.status,
            correlation_id=self.correlation_id,
            causation_id=self.causation_id,
            created_at=self.created_at,
            file=self.file.to_file() if self.file else None,
            started_at=self.started_at,
            ended_at=self.ended_at,
            checkpoint=self.checkpoint.to_checkpoint() if self.checkpoint else Checkpoint(),
            reading=self._reading(),
            accounts=Accounts(self.rows_written, self.rows_unchanged, self.rows_stale),
            duplicate_of=self.duplicate_of,
            rerun_of=self.rerun_of,
            version=self.version,
        )

    def _reading(self) -> Reading | None:
        if self.rows_read is None:
            return None
        return Reading(self.rows_read, self.rows_sent, self.rows_rejected, self.error_report, self.failure)


def new_run_values(run: Run, vanishes_at: int) -> dict[str, Any]:
    return run_key(run.import_id) | {
        "kind": "RUN",
        "import_id": run.import_id,
        "object_key": run.key,
        "status": run.status,
        "correlation_id": run.correlation_id,
        "causation_id": run.causation_id,
        "created_at": to_iso(run.created_at),
        "file": asdict(run.file) if run.file else None,
        "started_at": to_iso(run.started_at) if run.started_at else None,
        "rerun_of": run.rerun_of,
        "version": run.version,
        "listing": RUN_LISTING,
        "listed_at": to_iso(run.created_at),
        "vanishes_at": vanishes_at,
    }


def reading_values(reading: Reading) -> dict[str, Any]:
    return {
        "rows_read": reading.rows_read,
        "rows_sent": reading.rows_sent,
        "rows_rejected": reading.rows_rejected,
        "error_report": reading.error_report,
        "failure": reading.failure,
    }


def checkpoint_values(reached: Checkpoint) -> dict[str, Any]:
    values = {
        "bytes": reached.seam.bytes,
        "lines": reached.seam.lines,
        "packs": reached.packs,
        "rows_read": reached.rows_read,
        "rows_sent": reached.rows_sent,
        "rows_rejected": reached.rows_rejected,
    }
    return values | ({"error_report": reached.error_report} if reached.error_report else {})
