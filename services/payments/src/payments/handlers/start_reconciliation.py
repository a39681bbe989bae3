"""POST /payments/reconciliations: operators have the books compared now."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.http import Body, answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from payments import bootstrap

app = api()


class StartedView(Body):
    reconciliation_id: str


@app.post("/payments/reconciliations", responses=answers(HTTPStatus.ACCEPTED, StartedView))
def post_reconciliation() -> Response[str]:
    """Each request is a run of its own; two at once change nothing twice."""
    name = app.current_event.request_context.request_id or ""
    bootstrap.reconciliations().start(name)
    return answer(HTTPStatus.ACCEPTED, StartedView(reconciliation_id=name))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.reconciliation_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
