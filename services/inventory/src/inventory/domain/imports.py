"""The run of a stock file: what was read, sent and accounted for, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from inventory.domain.files import StoredFile
from inventory.domain.lines import START, Seam
from inventory.domain.packs import Accounts, Pack
from inventory.domain.stock_file import Row
from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.ids import stable_id

MAX_AHEAD = timedelta(
    days=1
)  # a date has no zone: where the day begins first, it does so 14 hours before UTC


class RunStatus(StrEnum):
    AWAITING_UPLOAD = "AWAITING_UPLOAD"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    DUPLICATE = "DUPLICATE"


class TooManyRejected(DomainError):
    code = "too_many_rejected"


class QueueRefused(DomainError):
    code = "queue_refused"


class NothingToRerun(DomainError):
    code = "nothing_to_rerun"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader did. read = sent + rejected, unless a failure stopped it in between."""

    rows_read: int = 0
    rows_sent: int = 0
    rows_rejected: int = 0
    error_report: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a reader came: so many packs and rows, up to the seam. The next one goes on from here."""

    seam: Seam = START
    packs: int = 0
    rows_read: int = 0
    rows_sent: int = 0
    rows_rejected: int = 0
    error_report: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """`reading` is there when the reader is done; the run ends when all that it sent is accounted for."""

    import_id: str
    key: str
    status: RunStatus
    correlation_id: str
    causation_id: str
    created_at: datetime
    file: StoredFile | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    reading: Reading | None = None
    accounts: Accounts = field(default_factory=Accounts)
    duplicate_of: str | None = None
    rerun_of: str | None = None
    version: int = 1

    @property
    def so_far(self) -> Reading:
        """What the reader did until now."""
        at = self.checkpoint
        return self.reading or Reading(at.rows_read, at.rows_sent, at.rows_rejected)

    @property
    def progress(self) -> int:
        """Percent of the rows that are accounted for; until all are read, as the bytes promise."""
        if self.status == RunStatus.SUCCEEDED:
            return 100
        rows = self.so_far.rows_sent
        if self.reading is None and self.file and self.checkpoint.seam.bytes:
            rows = rows * self.file.size // self.checkpoint.seam.bytes
        return min(99, self.accounts.rows * 100 // rows) if rows else 0

    @property
    def seconds(self) -> int | None:
        """From its start to its end."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at) // timedelta(seconds=1)

    @property
    def latest_date(self) -> str:
        """A row that is dated later is a bad one. Of the run, so that all its readers judge alike."""
        return to_iso((self.started_at or self.created_at) + MAX_AHEAD)

    @property
    def is_complete(self) -> bool:
        return self.reading is not None and self.accounts.rows >= self.reading.rows_sent

    def ended(self, at: datetime) -> "Run":
        failed = self.reading is not None and self.reading.failure is not None
        return replace(self, status=RunStatus.FAILED if failed else RunStatus.SUCCEEDED, ended_at=at)

    def duplicates(self, first: str, at: datetime) -> "Run":
        return replace(self, status=RunStatus.DUPLICATE, duplicate_of=first, ended_at=at)

    def again(self, at: datetime) -> "Run":
        """A new run of the same file. The same run asked again gives the same one. Raises NothingToRerun."""
        if self.file is None:
            raise NothingToRerun("The import has no file yet.")
        import_id = stable_id("rerun", self.import_id)
        return Run(
            import_id=import_id,
            key=self.key,
            status=RunStatus.RUNNING,
            correlation_id=self.correlation_id,
            causation_id=self.import_id,
            created_at=at,
            file=self.file,
            started_at=at,
            rerun_of=self.import_id,
        )

    def pack(self, number: int, rows: Sequence[Row]) -> Pack:
        started_at = self.started_at or self.created_at
        return Pack(self.import_id, number, started_at, self.correlation_id, rows)
