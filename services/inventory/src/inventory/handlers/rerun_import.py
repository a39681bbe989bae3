"""POST /inventory/imports/{importId}/rerun: operators have the import's file read again, on purpose."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.domain.imports import NothingToRerun
from inventory.handlers.run_views import RunView, path_of
from inventory.use_cases.importing import rerun_import
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.http import answer, api, serve
from jetbridge.runtime.observability import count, observed
from jetbridge.runtime.openapi import answers

app = api({NothingToRerun: HTTPStatus.CONFLICT})


@app.post("/inventory/imports/<import_id>/rerun", responses=answers(HTTPStatus.ACCEPTED, RunView))
def post_rerun(import_id: str) -> Response[str]:
    run = rerun_import(import_id, runs=bootstrap.runs(), reader=bootstrap.reader(), clock=utc_now)
    count("ImportsRerun")
    return answer(HTTPStatus.ACCEPTED, RunView.of(run), location=path_of(run.import_id))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
