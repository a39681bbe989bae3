"""POST /orders: store the order once and answer 202; everything after that happens by events."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.http import api, caller_of, correlation_of, serve
from jetbridge.runtime.idempotency import KEY_STATUSES
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from orders import bootstrap
from orders.handlers.placing import Asker, PlaceOrderBody, place_once
from orders.handlers.views import OrderView

app = api(KEY_STATUSES)


@app.post("/orders", responses=answers(HTTPStatus.ACCEPTED, OrderView))
def post_order(
    body: PlaceOrderBody, idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> Response[str]:
    caller = caller_of(app.current_event)
    asker = Asker(caller.subject, caller.username, correlation_of(app.current_event))
    return place_once(body, asker, header=idempotency_key, context=app.lambda_context)


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
