"""GET /orders/batches/{batchId}: what became of each order of an own batch."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.http import Body, answer, api, caller_of, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.problems import problem
from orders import bootstrap
from orders.domain.batches import Batch, BatchNotFound, BatchStatus
from orders.handlers.views import Links
from orders.use_cases.batches import get_batch

app = api()
ASK_AGAIN_SECONDS = 2


class BatchOrderView(Body):
    """`position` counts from 0, as pointers do. `problem` is what POST /orders would have answered."""

    position: int
    request_token: str | None = None
    status: BatchStatus
    order_id: str | None = None
    problem: dict[str, Any] | None = None
    links: Links | None = None


class BatchView(Body):
    """SETTLED when no order is WAITING; `problem` is there only if the whole batch was refused."""

    batch_id: str
    status: BatchStatus
    received_at: datetime
    problem: dict[str, Any] | None = None
    orders: list[BatchOrderView]


@app.get("/orders/batches/<batch_id>", responses=answers(HTTPStatus.OK, BatchView))
def get_order_batch(batch_id: str) -> Response[str]:
    caller = caller_of(app.current_event)
    try:
        batch = get_batch(batch_id, customer_id=caller.subject, batches=bootstrap.batches())
    except BatchNotFound as refusal:
        unknown = problem(HTTPStatus.NOT_FOUND, refusal.code, refusal.detail)
        unknown.headers["Retry-After"] = str(ASK_AGAIN_SECONDS)
        return unknown
    return answer(HTTPStatus.OK, view_of(batch))


def view_of(batch: Batch) -> BatchView:
    return BatchView(
        batch_id=batch.batch_id,
        status=batch.status,
        received_at=batch.received_at,
        problem=json.loads(batch.problem) if batch.problem else None,
        orders=[_order_view(batch, position) for position in range(batch.size)],
    )


def _order_view(batch: Batch, position: int) -> BatchOrderView:
    outcome = batch.outcomes.get(position)
    if outcome is None:
        return BatchOrderView(position=position, status=BatchStatus.WAITING)
    return BatchOrderView(
        position=position,
        request_token=outcome.request_token,
        status=outcome.status,
        order_id=outcome.order_id,
        problem=json.loads(outcome.problem) if outcome.problem else None,
        links=Links(self=f"/orders/{outcome.order_id}") if outcome.order_id else None,
    )


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
