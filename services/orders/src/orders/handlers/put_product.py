"""PUT /products/{productId}: operators say what a product is called and costs."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, StringConstraints

from jetbridge.contracts.envelope import Id
from jetbridge.kernel.money import InvalidAmount, Money
from jetbridge.runtime.http import Price, RequestBody, answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.problems import refused_at
from orders import bootstrap
from orders.domain.products import Product
from orders.handlers.product_view import ProductView
from orders.use_cases import products

app = api()
app.exception_handler(InvalidAmount)(partial(refused_at, "/price"))


class PutProductBody(RequestBody):
    """`lowStockThreshold` is kept for those who show products; inventory warns by its own."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    price: Price
    low_stock_threshold: Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)] | None = None


@app.put("/products/<product_id>", responses=answers(HTTPStatus.OK, ProductView))
def put_product(product_id: Annotated[Id, Path()], body: PutProductBody) -> Response[str]:
    price = Money.parse(body.price, bootstrap.price_settings().currency)
    wanted = Product(product_id, body.name, price, body.low_stock_threshold)
    product = products.put_product(wanted, products=bootstrap.products())
    return answer(HTTPStatus.OK, ProductView.of(product))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
