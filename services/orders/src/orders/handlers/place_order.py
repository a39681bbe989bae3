"""POST /orders: store the order once and answer 202; everything after that happens by events."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, StringConstraints

from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.ids import stable_id
from jetbridge.kernel.money import Money
from jetbridge.runtime.http import Body, Caller, answer, api, caller_of, correlation_of, problem, serve
from jetbridge.runtime.idempotency import KEY_STATUSES, Request, answer_once, key_of
from jetbridge.runtime.observability import count, observed
from orders import bootstrap, use_cases
from orders.domain import MAX_ITEMS, MAX_QUANTITY, Item, NotYourName, Order, place
from orders.handlers.views import path_of, placed_view

app = api({**KEY_STATUSES, NotYourName: HTTPStatus.FORBIDDEN})

Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class ItemBody(Body):
    product_id: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    price: Annotated[Decimal, Field(ge=0, max_digits=12, allow_inf_nan=False)]
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY, strict=True)]


class PlaceOrderBody(Body):
    """`requestToken` is the idempotency key of clients that cannot set the header."""

    request_token: Text | None = None
    user_id: Text | None = None
    items: Annotated[list[ItemBody], Field(min_length=1, max_length=MAX_ITEMS)]
    comment: Annotated[str, StringConstraints(max_length=1000)] | None = None
    payment_method: Text | None = None


@app.post("/orders")
def post_order(
    body: PlaceOrderBody, idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> Response[str]:
    caller = caller_of(app.current_event)
    key = key_of(idempotency_key, body.request_token)
    order = _order_of(body, caller, key)
    settings = bootstrap.place_order_settings()
    return answer_once(
        Request(caller.subject, key, _fingerprint(order)),
        lambda: _place(order),
        records=bootstrap.idempotency_records(),
        keep_seconds=settings.idempotency_hours * 3600,
        context=app.lambda_context,
    )


def _order_of(body: PlaceOrderBody, caller: Caller, key: str) -> Order:
    if body.user_id not in (None, caller.subject, caller.username):
        raise NotYourName("userId is not yours; leave it out")
    settings = bootstrap.place_order_settings()
    items = tuple(
        Item(item.product_id, item.quantity, Money.parse(item.price, settings.currency))
        for item in body.items
    )
    return place(
        order_id=stable_id("order", caller.subject, key),
        customer_id=caller.subject,
        items=items,
        payment_method=body.payment_method or settings.default_payment_method,
        comment=body.comment,
        at=utc_now(),
        correlation_id=correlation_of(app.current_event),
    )


def _fingerprint(order: Order) -> dict[str, Any]:
    """What makes two requests the same one: items and payment method; not the comment, not the spelling."""
    lines = [[item.product_id, item.quantity, item.price.minor] for item in order.items]
    return {"items": lines, "payment_method": order.payment_method}


def _place(order: Order) -> Response[str]:
    try:
        placed = use_cases.place_order(order, orders=bootstrap.orders())
    except DomainError as refusal:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.code, refusal.detail)
    count("OrdersPlaced")
    return answer(HTTPStatus.ACCEPTED, placed_view(placed), location=path_of(placed))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.place_order_settings().allow_origin)
