"""The run of a stock file: what was read, sent and accounted for, and how it ended."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from inventory.domain.packs import Accounts, Pack
from inventory.domain.stock_file import Row
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.ids import stable_id

INCOMING = "incoming/"


class RunStatus(StrEnum):
    AWAITING_UPLOAD = "AWAITING_UPLOAD"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    DUPLICATE = "DUPLICATE"


class TooManyRejected(DomainError):
    code = "too_many_rejected"


class FileGone(DomainError):
    """The object was deleted or replaced before it was read. A replacement is an import of its own."""

    code = "file_gone"


class QueueRefused(DomainError):
    code = "queue_refused"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object in the import bucket, this content and no other. `etag` is a digest of the content."""

    bucket: str
    key: str
    etag: str
    size: int
    version: str

    @property
    def identity(self) -> str:
        return stable_id(self.bucket, self.key, self.version)

    @property
    def content(self) -> str:
        return stable_id(self.bucket, self.etag, str(self.size))

    @property
    def announced_id(self) -> str | None:
        """The import that the key says it is for: `incoming/{importId}/{fileName}`."""
        parts = self.key.removeprefix(INCOMING).split("/")
        return parts[0] if len(parts) == 2 else None  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader did. read = sent + rejected, unless a failure stopped it in between."""

    rows_read: int = 0
    rows_sent: int = 0
    rows_rejected: int = 0
    error_report: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """`reading` is there when the reader is done; the run ends when all that it sent is accounted for."""

    import_id: str
    key: str
    status: RunStatus
    correlation_id: str
    causation_id: str
    created_at: datetime
    identity: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reading: Reading | None = None
    accounts: Accounts = field(default_factory=Accounts)
    duplicate_of: str | None = None
    version: int = 1

    @property
    def is_complete(self) -> bool:
        return self.reading is not None and self.accounts.rows >= self.reading.rows_sent

    def ended(self, at: datetime) -> "Run":
        failed = self.reading is not None and self.reading.failure is not None
        return replace(self, status=RunStatus.FAILED if failed else RunStatus.SUCCEEDED, ended_at=at)

    def duplicates(self, first: str, at: datetime) -> "Run":
        return replace(self, status=RunStatus.DUPLICATE, duplicate_of=first, ended_at=at)

    def pack(self, number: int, rows: tuple[Row, ...]) -> Pack:
        started_at = self.started_at or self.created_at
        return Pack(self.import_id, number, started_at, self.correlation_id, rows)
