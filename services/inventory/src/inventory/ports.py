"""What inventory needs from the world outside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from inventory.domain.files import StoredFile
from inventory.domain.holds import Hold
from inventory.domain.imports import Checkpoint, Reading, Run
from inventory.domain.ledger import Entry
from inventory.domain.levels import Change, Level, Place, Threshold
from inventory.domain.packs import Accounts, Pack
from inventory.domain.stock_file import Fault
from jetbridge.kernel.pages import Page

SHARDS = 16


class Stock(Protocol):
    """Levels with their ledger, and holds. Everything read is as it is now, not as it was a moment ago."""

    def levels_of(self, product_id: str) -> Sequence[Level]: ...

    def levels_at(self, places: Iterable[Place]) -> Mapping[Place, Level]: ...

    def hold_of(self, order_id: str) -> Hold | None: ...

    def expired_orders(self, moment: datetime) -> Iterator[str]:
        """Orders whose hold has passed its time, longest past first. May name one that is settled since."""

    def save_hold(self, hold: Hold, changes: Sequence[Change]) -> bool:
        """Write the hold's version, the levels and their ledger: all or nothing.

        False if that version of the hold was written before. Raises ConcurrentUpdate if a level has changed
        since it was read.
        """

    def save_level(self, change: Change) -> None:
        """Write the level and its ledger. Raises ConcurrentUpdate if it has changed since it was read."""


class Thresholds(Protocol):
    """What operators decided for products, as it is now."""

    def of(self, product_ids: Iterable[str]) -> Mapping[str, Threshold]: ...

    def save(self, threshold: Threshold) -> None:
        """Raises ConcurrentUpdate if that version was written before."""


class Products(Protocol):
    def page(self, *, limit: int, cursor: str | None) -> Page[Sequence[Level]]:
        """Products, each once and with all its levels, in no order. Refuses a foreign cursor."""


class Ledger(Protocol):
    def page(self, product_id: str, *, limit: int, cursor: str | None) -> Page[Entry]:
        """Entries of a product, place by place, each newest first. Refuses a foreign cursor."""

    def entries(self, level: Level) -> Iterator[Entry]:
        """The entries up to this version of the level, newest first."""

    def levels(self, shard: int, *, limit: int, cursor: str | None) -> Page[Level]:
        """All levels lie in SHARDS shards, those of a product together. Refuses a foreign cursor."""


class Packs(Protocol):
    """What was done with packs of rows, together with the levels that they count."""

    def look_up(self, pack: Pack) -> tuple[Accounts | None, Mapping[Place, Level]]:
        """The pack's accounts if it was written before, and the levels that its rows are about."""

    def write(self, pack: Pack, accounts: Accounts, changes: Sequence[Change]) -> None:
        """The pack with its accounts, the levels and their ledger: all or nothing.

        Raises ConcurrentUpdate if a level has changed since it was read, or the pack was written before.
        """

    def account(self, pack: Pack, accounts: Accounts) -> None:
        """Add to the accounts of the pack's run, once. Raises ConcurrentUpdate if the run is busy."""


class Runs(Protocol):
    """Import runs. They vanish some time after they began."""

    def get(self, import_id: str) -> Run | None: ...

    def page(self, *, key: str | None, limit: int, cursor: str | None) -> Page[Run]:
        """Runs, newest first; only those of an object's `key` if one is given. Refuses a foreign cursor."""

    def add(self, run: Run) -> bool:
        """Write a new run; False if there is one with its id already."""

    def start(self, import_id: str, file: StoredFile, at: datetime) -> Run | None:
        """The announced run, now RUNNING for `file`; None if it is not announced, or for another file."""

    def claim(self, file: StoredFile, import_id: str, *, instead_of: str | None = None) -> str:
        """The import that has the content of `file`: `import_id` itself, unless another was before it.

        `instead_of` names an earlier one whose claim is not to count.
        """

    def checkpoint(self, import_id: str, checkpoint: Checkpoint) -> bool:
        """Remember how far the reader came; False if another one came further, or has read to the end.

        Raises ConcurrentUpdate if the run is busy.
        """

    def end_reading(self, import_id: str, reading: Reading) -> None:
        """Once: a second reading of the same file changes nothing. Raises ConcurrentUpdate if it is busy."""

    def end(self, run: Run) -> bool:
        """Write how a running import ended; False if its end was written before.

        Raises ConcurrentUpdate if the run is busy.
        """


class ErrorReport(Protocol):
    def add(self, fault: Fault) -> None: ...

    def save(self, name: str) -> str:
        """Store what was added so far where it triggers no import; its key, the same for the same name."""


class Files(Protocol):
    def pieces(self, file: StoredFile, start: int) -> Iterable[bytes]:
        """The file from byte `start` on, never all of it at once. Raises FileGone."""

    def error_report(self, file: StoredFile, so_far: Checkpoint) -> AbstractContextManager[ErrorReport]:
        """A list of faults that goes on after those that were listed so far."""


class Reader(Protocol):
    def read_on(self, import_id: str) -> None:
        """Let a reader begin on the run's file, or go on at its checkpoint, on its own time."""


class PackQueue(Protocol):
    def send(self, packs: Sequence[Pack]) -> Sequence[Pack]:
        """Send at most ten packs, in one call if they fit; those that the queue refused come back."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A form to post a file with, for a while."""

    url: str
    fields: Mapping[str, str]


class Links(Protocol):
    """Addresses that work for some minutes without any other permission."""

    def upload(self, key: str) -> Upload: ...

    def download(self, key: str) -> str: ...
