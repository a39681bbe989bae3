"""Import runs as operators see them."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from inventory.domain.files import INCOMING
from inventory.domain.imports import Run, RunStatus
from inventory.ports import Links, Runs, Upload
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import NotFound
from jetbridge.kernel.ids import random_id

PAGE = 100


@dataclass(slots=True)
class Summary:
    """Imports by status, the rows of all, and the imports that failed or have not ended, with the reason."""

    imports: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    unsuccessful: list[dict[str, str]] = field(default_factory=list)

    def add(self, run: Run) -> None:
        read = run.so_far
        self.imports[run.status] = self.imports.get(run.status, 0) + 1
        rows = {"read": read.rows_read, "sent": read.rows_sent, "rejected": read.rows_rejected}
        for name, number in (rows | asdict(run.accounts)).items():
            self.rows[name] = self.rows.get(name, 0) + number
        if run.status in {RunStatus.FAILED, RunStatus.RUNNING} and len(self.unsuccessful) < PAGE:
            reason = read.failure or run.status.lower()
            self.unsuccessful.append({"import_id": run.import_id, "key": run.key, "reason": reason})


def summarize(*, since: datetime, runs: Runs) -> Summary:
    """What became of the imports that began since then."""
    summary, cursor, more = Summary(), None, True
    while more:
        page = runs.page(key=None, limit=PAGE, cursor=cursor)
        recent = [run for run in page.items if run.created_at >= since]
        for run in recent:
            summary.add(run)
        cursor = page.cursor
        more = bool(cursor) and len(recent) == len(page.items)
    return summary


def announce_import(
    file_name: str, *, correlation_id: str, runs: Runs, links: Links, clock: Clock
) -> tuple[Run, Upload]:
    """A run that waits for its file, and the form to upload that file with."""
    import_id = random_id()
    run = Run(
        import_id=import_id,
        key=f"{INCOMING}{import_id}/{file_name}",
        status=RunStatus.AWAITING_UPLOAD,
        correlation_id=correlation_id,
        causation_id=correlation_id,
        created_at=clock(),
    )
    runs.add(run)
    return run, links.upload(run.key)


def get_run(import_id: str, *, runs: Runs) -> Run:
    """Raises NotFound."""
    run = runs.get(import_id)
    if run is None:
        raise NotFound("There is no such import.")
    return run
