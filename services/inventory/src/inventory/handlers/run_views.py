"""An import run as the API shows it."""

from datetime import datetime

from inventory import bootstrap
from inventory.domain.imports import Run, RunStatus
from jetbridge.runtime.http import Body


class RunLinks(Body):
    self: str
    duplicate_of: str | None = None
    rerun_of: str | None = None


class RunView(Body):
    """`progress` is in percent, `reason` says why a run failed, `errorReport` is a link for some minutes."""

    import_id: str
    key: str
    status: str
    reason: str | None = None
    progress: int | None = None
    bytes: int | None = None
    rows_read: int
    rows_sent: int
    rows_written: int
    rows_unchanged: int
    rows_stale: int
    rows_rejected: int
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int | None = None
    error_report: str | None = None
    duplicate_of: str | None = None
    rerun_of: str | None = None
    links: RunLinks

    @classmethod
    def of(cls, run: Run) -> "RunView":
        reading = run.so_far
        return cls(
            import_id=run.import_id,
            key=run.key,
            status=run.status,
            reason=reading.failure,
            progress=run.progress if run.status in {RunStatus.RUNNING, RunStatus.SUCCEEDED} else None,
            bytes=run.file.size if run.file else None,
            rows_read=reading.rows_read,
            rows_sent=reading.rows_sent,
            rows_written=run.accounts.written,
            rows_unchanged=run.accounts.unchanged,
            rows_stale=run.accounts.stale,
            rows_rejected=reading.rows_rejected,
            created_at=run.created_at,
            started_at=run.started_at,
            ended_at=run.ended_at,
            seconds=run.seconds,
            error_report=bootstrap.links().download(reading.error_report) if reading.error_report else None,
            duplicate_of=run.duplicate_of,
            rerun_of=run.rerun_of,
            links=_links(run),
        )


def path_of(import_id: str) -> str:
    return f"/inventory/imports/{import_id}"


def _links(run: Run) -> RunLinks:
    return RunLinks(
        self=path_of(run.import_id),
        duplicate_of=path_of(run.duplicate_of) if run.duplicate_of else None,
        rerun_of=path_of(run.rerun_of) if run.rerun_of else None,
    )
