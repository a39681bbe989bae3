"""DELETE /orders/{orderId}: cancelled; stock and money go back by events."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.http import answer, api, caller_of, correlation_of, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from orders import bootstrap
from orders.domain.moves import MoveNotAllowed
from orders.handlers.views import OrderWithHistory, full_view
from orders.use_cases import orders as use_cases

app = api({MoveNotAllowed: HTTPStatus.CONFLICT})


@app.delete("/orders/<order_id>", responses=answers(HTTPStatus.ACCEPTED, OrderWithHistory))
def delete_order(order_id: str) -> Response[str]:
    order = use_cases.cancel_order(
        order_id,
        customer_id=caller_of(app.current_event).subject,
        causation_id=correlation_of(app.current_event),
        orders=bootstrap.orders(),
        clock=utc_now,
    )
    return answer(HTTPStatus.ACCEPTED, full_view(order))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
