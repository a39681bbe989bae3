"""A stock file is imported once: which run it is, its reading, and its end."""

from inventory.domain.files import StoredFile
from inventory.domain.imports import Run, RunStatus
from inventory.ports import Reader, Runs
from inventory.use_cases.reading import Desk, read
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.contention import Pause, again
from jetbridge.kernel.errors import NotFound


def import_stock_file(file: StoredFile, desk: Desk) -> Run:
    """Import the file once. Delivered again, a file that was read is left alone, one that was not is read on.

    A failure of the file (header, share of bad rows, gone, queue) ends the run; good rows that were sent
    before it are written all the same. Any other fault is raised, and reading again does no harm.
    """
    return _go_on(_run_of(file, desk.runs, desk.clock), file, desk)


def read_on(import_id: str, desk: Desk) -> Run:
    """Go on with a run that an earlier reader left, or an operator began. Raises NotFound."""
    run = desk.runs.get(import_id)
    if run is None or run.file is None:
        raise NotFound(import_id)
    return _go_on(run, run.file, desk)


def rerun_import(import_id: str, *, runs: Runs, reader: Reader, clock: Clock) -> Run:
    """Read the import's file again, in a run of its own; a file that was never read to its end, in the same.

    Asked again while it runs, it is the same new run. Levels that a file says again are unchanged, so no row
    counts twice. Raises NotFound, NothingToRerun.
    """
    run = runs.get(import_id)
    if run is None:
        raise NotFound("There is no such import.")
    if run.status != RunStatus.RUNNING or run.reading is not None:
        run = _next_of(run, runs, clock)
    if run.reading is None:
        reader.read_on(run.import_id)
    return run


def _next_of(run: Run, runs: Runs, clock: Clock) -> Run:
    """The run of the same file that is under way, or a new one."""
    while not runs.add(anew := run.again(clock())):
        run = runs.get(anew.import_id) or anew
        if run.status == RunStatus.RUNNING:
            return run
    return anew


def end_if_complete(import_id: str, *, runs: Runs, clock: Clock, pause: Pause) -> Run | None:
    """End the run if its file was read and every row that was sent is accounted for; else None."""
    run = runs.get(import_id)
    if run is None:
        raise NotFound(import_id)
    if run.status != RunStatus.RUNNING or not run.is_complete:
        return None
    return _end(run.ended(clock()), runs, pause)


def _go_on(run: Run, file: StoredFile, desk: Desk) -> Run:
    runs, clock, pause = desk.runs, desk.clock, desk.pause
    if run.status != RunStatus.RUNNING:
        return run
    if run.reading is None:
        first = _first_with(file, run, runs)
        if first != run.import_id:
            return _end(run.duplicates(first, clock()), runs, pause) or run
        reading = read(run, file, desk)
        if reading is None:
            return run
        again(lambda: runs.end_reading(run.import_id, reading), pause=pause)
    return end_if_complete(run.import_id, runs=runs, clock=clock, pause=pause) or run


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
        file=file,
        started_at=at,
    )
    return run if runs.add(run) else runs.get(file.identity) or run


def _first_with(file: StoredFile, run: Run, runs: Runs) -> str:
    """The run that had this content before; one that failed, vanished or is run again does not count."""
    first = runs.claim(file, run.import_id)
    before = run if first == run.import_id else runs.get(first)
    if before is None or before.status == RunStatus.FAILED or run.rerun_of:
        return runs.claim(file, run.import_id, instead_of=first)
    return first
