"""GET /orders: the caller's own orders, newest first, a page at a time."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.http import answer, api, caller_of, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.query import Cursor, Day, Limit
from orders import bootstrap
from orders.domain.moves import OrderStatus
from orders.handlers.views import OrdersPage, page_view
from orders.ports import Search
from orders.use_cases import orders as use_cases

app = api()


@app.get("/orders", responses=answers(HTTPStatus.OK, OrdersPage))
def list_orders(
    status: OrderStatus | None = None,
    first_day: Annotated[Day | None, Query(alias="from")] = None,
    last_day: Annotated[Day | None, Query(alias="to")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response[str]:
    page = use_cases.list_orders(
        caller_of(app.current_event).subject,
        Search(status, first_day, last_day),
        limit=limit,
        cursor=cursor,
        lists=bootstrap.order_lists(),
    )
    return answer(HTTPStatus.OK, page_view(page))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
