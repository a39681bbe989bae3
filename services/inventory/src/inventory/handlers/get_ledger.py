"""GET /inventory/{productId}/ledger: operators see what changed a product's levels, and why."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.domain.ledger import Entry
from jetbridge.kernel.errors import NotFound
from jetbridge.runtime.http import Body, answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.query import Cursor, Limit

app = api()


class EntryView(Body):
    """`reference` is an order's id, or an import's id and the line of its file (`id:7`)."""

    location: str
    reason: str
    reference: str
    on_hand_change: int
    held_change: int
    on_hand: int
    held: int
    version: int
    at: datetime

    @classmethod
    def of(cls, entry: Entry) -> "EntryView":
        return cls(
            location=entry.place.location,
            reason=entry.reason,
            reference=entry.cause.reference,
            on_hand_change=entry.on_hand_change,
            held_change=entry.held_change,
            on_hand=entry.on_hand,
            held=entry.held,
            version=entry.version,
            at=entry.cause.at,
        )


class LedgerView(Body):
    product_id: str
    entries: list[EntryView]
    next_cursor: str | None = None


@app.get("/inventory/<product_id>/ledger", responses=answers(HTTPStatus.OK, LedgerView))
def get_ledger(
    product_id: str,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[str]:
    page = bootstrap.ledger().page(product_id, limit=limit, cursor=cursor)
    if not page.items and cursor is None:
        raise NotFound("There is no such product.")
    entries = [EntryView.of(entry) for entry in page.items]
    return answer(HTTPStatus.OK, LedgerView(product_id=product_id, entries=entries, next_cursor=page.cursor))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
