"""GET /inventory/{productId}: what there is of a product, per location and in all."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.handlers.stock_views import StockView
from jetbridge.kernel.errors import NotFound
from jetbridge.runtime.http import answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers

app = api()


@app.get("/inventory/<product_id>", responses=answers(HTTPStatus.OK, StockView))
def get_stock(product_id: str) -> Response[str]:
    levels = bootstrap.stock().levels_of(product_id)
    if not levels:
        raise NotFound("There is no such product.")
    return answer(HTTPStatus.OK, StockView.of(levels))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
