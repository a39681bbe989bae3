"""A stock file is read row by row and its good rows are sent on in packs; readers take turns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import batched

from inventory.domain.files import StoredFile
from inventory.domain.imports import Checkpoint, QueueRefused, Reading, Run, TooManyRejected
from inventory.domain.lines import Seam
from inventory.domain.packs import Pack
from inventory.domain.stock_file import Fault, StockFileReader
from inventory.ports import ErrorReport, Files, PackQueue, Reader, Runs
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.contention import Pause, again
from jetbridge.kernel.errors import DomainError

ATTEMPTS = 6  # to send what the queue refused
PACKS_A_CALL = 10
CHECKPOINT_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Rules:
    """`max_rejected_share` is in percent of the rows read; above it the run fails."""

    rows_per_message: int
    max_rejected_share: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What a reader works with; at `until` it hands over to the next one."""

    rules: Rules
    until: datetime
    runs: Runs
    files: Files
    queue: PackQueue
    reader: Reader
    clock: Clock
    pause: Pause


def read(run: Run, file: StoredFile, desk: Desk) -> Reading | None:
    """Read from the run's checkpoint to the end of the file; None if another reader does the rest."""
    failure = None
    with desk.files.error_report(file, run.checkpoint) as report:
        tally = _Tally(run, report, desk)
        try:
            pieces = partial(desk.files.pieces, file)
            reader = StockFileReader(pieces, tally.reject, run.latest_date, run.checkpoint.seam)
            if not tally.send_rows(reader):
                return None
            if tally.rejected * 100 > desk.rules.max_rejected_share * tally.read:
                failure = TooManyRejected.code
        except DomainError as refusal:
            failure = refusal.code
        report_key = report.save(run.import_id) if tally.rejected else None
    return Reading(tally.read, tally.sent, tally.rejected, error_report=report_key, failure=failure)


class _Tally:
    """Counts what passes by, from the run's checkpoint on."""

    def __init__(self, run: Run, report: ErrorReport, desk: Desk) -> None:
        start = run.checkpoint
        self._run, self._report, self._desk = run, report, desk
        self._packs = start.packs
        self.read, self.sent, self.rejected = start.rows_read, start.rows_sent, start.rows_rejected

    def send_rows(self, reader: StockFileReader) -> bool:
        """False if the end was left to another reader. Raises QueueRefused, UnreadableFile."""
        desk, saved = self._desk, self._desk.clock()
        for packs in batched(self._packs_of(reader), PACKS_A_CALL, strict=False):
            self._send(packs)
            now = desk.clock()
            if now >= min(desk.until, saved + CHECKPOINT_EVERY):
                if not self._save(reader.seam):
                    return False
                saved = now
            if now >= desk.until:
                desk.reader.read_on(self._run.import_id)
                return False
        return True

    def reject(self, fault: Fault) -> None:
        self.read += 1
        self.rejected += 1
        self._report.add(fault)

    def _packs_of(self, reader: StockFileReader) -> Iterator[Pack]:
        while rows := reader.take(self._desk.rules.rows_per_message):
            self.read += len(rows)
            self._packs += 1
            yield self._run.pack(self._packs - 1, rows)

    def _send(self, packs: Sequence[Pack]) -> None:
        """Raises QueueRefused when some were refused too many times; the others are sent and counted."""
        for attempt in range(ATTEMPTS):
            refused = self._desk.queue.send(packs)
            self.sent += _rows(packs) - _rows(refused)
            if not refused:
                return
            packs = refused
            self._desk.pause(attempt)
        raise QueueRefused(f"{len(packs)} messages")

    def _save(self, seam: Seam) -> bool:
        import_id = self._run.import_id
        # A name of its own: what a slower reader lists does not replace what a faster one has listed.
        report = self._report.save(f"{import_id}/{self._packs}") if self.rejected else None
        reached = Checkpoint(seam, self._packs, self.read, self.sent, self.rejected, report)
        return again(lambda: self._desk.runs.checkpoint(import_id, reached), pause=self._desk.pause)


def _rows(packs: Sequence[Pack]) -> int:
    return sum(len(pack.rows) for pack in packs)
