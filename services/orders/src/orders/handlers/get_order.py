"""GET /orders/{orderId}, GET /orders/{orderId}/events: an own order, and all that happened to it."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.http import answer, api, caller_of, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from orders import bootstrap
from orders.handlers.views import OrderEvents, OrderWithHistory, events_view, full_view
from orders.use_cases import orders as use_cases

app = api()


@app.get("/orders/<order_id>", responses=answers(HTTPStatus.OK, OrderWithHistory))
def get_order(order_id: str) -> Response[str]:
    caller = caller_of(app.current_event)
    order = use_cases.get_order(order_id, customer_id=caller.subject, orders=bootstrap.orders())
    return answer(HTTPStatus.OK, full_view(order))


@app.get("/orders/<order_id>/events", responses=answers(HTTPStatus.OK, OrderEvents))
def get_order_events(order_id: str) -> Response[str]:
    caller = caller_of(app.current_event)
    order = use_cases.get_order(order_id, customer_id=caller.subject, orders=bootstrap.orders())
    return answer(HTTPStatus.OK, events_view(order))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
