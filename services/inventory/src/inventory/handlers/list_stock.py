"""GET /inventory: operators see all products with their levels, each once, page by page."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.handlers.stock_views import StockDetail
from jetbridge.runtime.http import Body, answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.query import Cursor, Limit

app = api()


class ProductsView(Body):
    """`nextCursor` asks for the next page, and is missing on the last one."""

    products: list[StockDetail]
    next_cursor: str | None = None


@app.get("/inventory", responses=answers(HTTPStatus.OK, ProductsView))
def list_stock(
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response[str]:
    page = bootstrap.products().page(limit=limit, cursor=cursor)
    products = [StockDetail.of(levels) for levels in page.items]
    return answer(HTTPStatus.OK, ProductsView(products=products, next_cursor=page.cursor))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
