"""PUT /inventory/{productId}/threshold: operators say below how much a product is low, at each place."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from inventory import bootstrap
from inventory.domain.levels import Cause
from inventory.handlers.stock_views import StockDetail
from inventory.use_cases.thresholds import set_threshold
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.http import RequestBody, answer, api, caller_of, correlation_of, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers

app = api()


class ThresholdBody(RequestBody):
    """0: it is never low."""

    threshold: Annotated[int, Field(ge=0, le=999_999_999, strict=True)]


@app.put("/inventory/<product_id>/threshold", responses=answers(HTTPStatus.OK, StockDetail))
def put_threshold(product_id: str, body: ThresholdBody) -> Response[str]:
    caller = caller_of(app.current_event)
    correlation_id = correlation_of(app.current_event)
    levels = set_threshold(
        product_id,
        body.threshold,
        cause=Cause(caller.subject, correlation_id, correlation_id, utc_now()),
        stock=bootstrap.stock(),
        thresholds=bootstrap.thresholds(),
        pause=bootstrap.pause,
    )
    return answer(HTTPStatus.OK, StockDetail.of(levels))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
