"""A stock file is read once, row by row, and its good rows are sent on in packs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

from inventory.domain.imports import (
    QueueRefused,
    Reading,
    Run,
    RunStatus,
    StoredFile,
    TooManyRejected,
)
from inventory.domain.packs import Pack, pack_rows
from inventory.domain.stock_file import Row, read_stock_file
from inventory.ports import ErrorReport, Files, PackQueue, Pause, Runs
from inventory.use_cases.contention import again
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import DomainError, NotFound

ATTEMPTS = 6  # to send what the queue refused
PACKS_A_CALL = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """`max_rejected_share` is in percent of the rows read; above it the run fails."""

    rows_per_message: int
    max_rejected_share: int


def import_stock_file(
    file: StoredFile, rules: Rules, *, runs: Runs, files: Files, queue: PackQueue, clock: Clock, pause: Pause
) -> Run:
    """Import the file once. Delivered again, a file that was read is left alone, one that was not is read.

    A failure of the file (header, share of bad rows, gone, queue) ends the run; good rows that were sent
    before it are written all the same. Any other fault is raised, and reading again does no harm.
    """
    run = _run_of(file, runs, clock)
    if run.status != RunStatus.RUNNING:
        return run
    if run.reading is None:
        first = _first_with(file, run, runs)
        if first != run.import_id:
            return _end(run.duplicates(first, clock()), runs, pause) or run
        reading = _read(file, run, rules, files=files, queue=queue, pause=pause)
        again(lambda: runs.end_reading(run.import_id, reading), pause=pause)
    return end_if_complete(run.import_id, runs=runs, clock=clock, pause=pause) or run


def end_if_complete(import_id: str, *, runs: Runs, clock: Clock, pause: Pause) -> Run | None:
    """End the run if its file was read and every row that was sent is accounted for; else None."""
    run = runs.get(import_id)
    if run is None:
        raise NotFound(import_id)
    if run.status != RunStatus.RUNNING or not run.is_complete:
        return None
    return _end(run.ended(clock()), runs, pause)


def _end(ended: Run, runs: Runs, pause: Pause) -> Run | None:
    return ended if again(lambda: runs.end(ended), pause=pause) else None


def _run_of(file: StoredFile, runs: Runs, clock: Clock) -> Run:
    at = clock()
    if file.announced_id and (announced := runs.start(file.announced_id, file, at)):
        return announced
    run = Run(
        import_id=file.identity,
        key=file.key,
        status=RunStatus.RUNNING,
        correlation_id=file.identity,
        causation_id=file.identity,
        created_at=at,
        identity=file.identity,
        started_at=at,
    )
    return run if runs.add(run) else runs.get(file.identity) or run


def _first_with(file: StoredFile, run: Run, runs: Runs) -> str:
    """The run that had this content before; a run that failed, or vanished, does not count."""
    first = runs.claim(file, run.import_id)
    before = run if first == run.import_id else runs.get(first)
    if before is None or before.status == RunStatus.FAILED:
        return runs.claim(file, run.import_id, instead_of=first)
    return first


def _read(
    file: StoredFile, run: Run, rules: Rules, *, files: Files, queue: PackQueue, pause: Pause
) -> Reading:
    failure = None
    with files.error_report(file, run.import_id) as report:
        tally = _Tally(report)
        try:
            packs = pack_rows(tally.good_rows(files.lines(file)), rules.rows_per_message)
            for batch in batched(enumerate(packs), PACKS_A_CALL, strict=False):
                tally.send([run.pack(number, rows) for number, rows in batch], queue, pause)
            if tally.rejected * 100 > rules.max_rejected_share * tally.read:
                failure = TooManyRejected.code
        except DomainError as refusal:
            failure = refusal.code
    report_key = report.key if tally.rejected else None
    return Reading(tally.read, tally.sent, tally.rejected, error_report=report_key, failure=failure)


@dataclass(slots=True)
class _Tally:
    """Counts what passes by."""

    report: ErrorReport
    read: int = 0
    sent: int = 0
    rejected: int = 0

    def good_rows(self, lines: Iterator[str]) -> Iterator[Row]:
        for found in read_stock_file(lines):
            self.read += 1
            if isinstance(found, Row):
                yield found
            else:
                self.rejected += 1
                self.report.add(found)

    def send(self, packs: Sequence[Pack], queue: PackQueue, pause: Pause) -> None:
        """Raises QueueRefused when some were refused too many times; the others are sent and counted."""
        for attempt in range(ATTEMPTS):
            refused = queue.send(packs)
            self.sent += _rows(packs) - _rows(refused)
            if not refused:
                return
            packs = refused
            pause(attempt)
        raise QueueRefused(f"{len(packs)} messages")


def _rows(packs: Sequence[Pack]) -> int:
    return sum(len(pack.rows) for pack in packs)
