"""GET /orders/{orderId}: the caller's own order with its history."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.http import answer, api, caller_of, serve
from jetbridge.runtime.observability import observed
from orders import bootstrap, use_cases
from orders.handlers.views import full_view

app = api()


@app.get("/orders/<order_id>")
def get_order(order_id: str) -> Response[str]:
    caller = caller_of(app.current_event)
    order = use_cases.get_order(order_id, customer_id=caller.subject, orders=bootstrap.orders())
    return answer(HTTPStatus.OK, full_view(order))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
