"""GET /inventory/imports and /inventory/imports/{importId} (operators): runs of stock files."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.domain.imports import Reading, Run
from inventory.use_cases.runs import get_run
from jetbridge.runtime.http import Body, answer, api, caller_of, serve
from jetbridge.runtime.observability import observed

app = api()


class RunView(Body):
    """`errorReport` is a link that works for some minutes; `reason` says why a run failed."""

    import_id: str
    key: str
    status: str
    reason: str | None = None
    rows_read: int
    rows_sent: int
    rows_written: int
    rows_unchanged: int
    rows_stale: int
    rows_rejected: int
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error_report: str | None = None
    duplicate_of: str | None = None

    @classmethod
    def of(cls, run: Run) -> "RunView":
        reading = run.reading or Reading()
        return cls(
            import_id=run.import_id,
            key=run.key,
            status=run.status,
            reason=reading.failure,
            rows_read=reading.rows_read,
            rows_sent=reading.rows_sent,
            rows_written=run.accounts.written,
            rows_unchanged=run.accounts.unchanged,
            rows_stale=run.accounts.stale,
            rows_rejected=reading.rows_rejected,
            created_at=run.created_at,
            started_at=run.started_at,
            ended_at=run.ended_at,
            error_report=bootstrap.links().download(reading.error_report) if reading.error_report else None,
            duplicate_of=run.duplicate_of,
        )


class RunsView(Body):
    imports: list[RunView]
    next_cursor: str | None = None


@app.get("/inventory/imports/<import_id>")
def get_import(import_id: str) -> Response[str]:
    caller_of(app.current_event).require("operators")
    return answer(HTTPStatus.OK, RunView.of(get_run(import_id, runs=bootstrap.runs())))


@app.get("/inventory/imports")
def list_imports(
    key: Annotated[str | None, Query(min_length=1, max_length=1024)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=4096)] = None,
) -> Response[str]:
    caller_of(app.current_event).require("operators")
    page = bootstrap.runs().page(key=key, limit=limit, cursor=cursor)
    view = RunsView(imports=[RunView.of(run) for run in page.runs], next_cursor=page.cursor)
    return answer(HTTPStatus.OK, view)


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
