"""GET /products/{productId}: what a product is called and costs now."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.http import answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from orders import bootstrap
from orders.handlers.product_view import ProductView
from orders.use_cases import products

app = api()


@app.get("/products/<product_id>", responses=answers(HTTPStatus.OK, ProductView))
def get_product(product_id: str) -> Response[str]:
    product = products.get_product(product_id, products=bootstrap.products())
    return answer(HTTPStatus.OK, ProductView.of(product))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
