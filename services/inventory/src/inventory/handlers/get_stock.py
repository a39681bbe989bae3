"""GET /inventory/{productId}: what there is of a product, per location and in all."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.domain.levels import Level
from jetbridge.kernel.errors import NotFound
from jetbridge.runtime.http import Body, answer, api, serve
from jetbridge.runtime.observability import observed

app = api()


class LevelView(Body):
    """`updatedAt` is when the level last changed, by a file or by an order."""

    location: str
    on_hand: int
    held: int
    available: int
    updated_at: datetime

    @classmethod
    def of(cls, level: Level) -> "LevelView":
        return cls(
            location=level.place.location,
            on_hand=level.on_hand,
            held=level.held,
            available=level.available,
            updated_at=level.cause.at,
        )


class StockView(Body):
    product_id: str
    levels: list[LevelView]
    on_hand: int
    held: int
    available: int


@app.get("/inventory/<product_id>")
def get_stock(product_id: str) -> Response[str]:
    levels = bootstrap.stock().levels_of(product_id)
    if not levels:
        raise NotFound("There is no such product.")
    view = StockView(
        product_id=product_id,
        levels=[LevelView.of(level) for level in levels],
        on_hand=sum(level.on_hand for level in levels),
        held=sum(level.held for level in levels),
        available=sum(level.available for level in levels),
    )
    return answer(HTTPStatus.OK, view)


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
