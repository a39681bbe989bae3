"""Stock files as objects in the import bucket."""

from dataclasses import dataclass

from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.ids import stable_id

INCOMING = "incoming/"


class FileGone(DomainError):
    """The object was deleted or replaced before it was read. A replacement is an import of its own."""

    code = "file_gone"


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
    def is_folder(self) -> bool:
        """What consoles make to show a folder: an object without content, not a file."""
        return self.key.endswith("/") and not self.size

    @property
    def announced_id(self) -> str | None:
        """The import that the key says it is for: `incoming/{importId}/{fileName}`."""
        parts = self.key.removeprefix(INCOMING).split("/")
        return parts[0] if len(parts) == 2 else None  # noqa: PLR2004
