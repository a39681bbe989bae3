"""What asks for an order, and its one answer: the same for POST /orders and for each order of a batch."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, StringConstraints

from jetbridge.contracts.envelope import Id
from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.errors import Forbidden
from jetbridge.kernel.ids import stable_id
from jetbridge.kernel.money import InvalidAmount, Money
from jetbridge.runtime.http import Price, RequestBody, answer
from jetbridge.runtime.idempotency import Request, answer_once, key_of, or_refused
from jetbridge.runtime.observability import count
from orders import bootstrap
from orders.domain.orders import MAX_ITEMS, MAX_QUANTITY, Item, Order, place
from orders.domain.products import InvalidPrices
from orders.handlers.refusals import refused
from orders.handlers.views import path_of, placed_view
from orders.use_cases import orders as use_cases

Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]


_LOCATION = r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$"  # an airport's code, or the name of another place


class ItemBody(RequestBody):
    product_id: Id
    price: Price
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY, strict=True)]


class PlaceOrderBody(RequestBody):
    """`requestToken` is the idempotency key of clients that cannot set the header.

    `preferredLocation` is a wish, as `comment` is a word: neither makes it another request.
    """

    request_token: Text | None = None
    user_id: Text | None = None
    items: Annotated[list[ItemBody], Field(min_length=1, max_length=MAX_ITEMS)]
    comment: Annotated[str, StringConstraints(max_length=1000)] | None = None
    payment_method: Text | None = None
    preferred_location: Annotated[str, StringConstraints(pattern=_LOCATION)] | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, by the token that API Gateway verified, and in which conversation."""

    customer_id: str
    username: str
    correlation_id: str


def place_once(
    body: PlaceOrderBody, asker: Asker, *, header: str | None, context: LambdaContext
) -> Response[str]:
    """202 with the order, or the problem that it was refused with: the first answer to its key, each time.

    `header` is the Idempotency-Key, if there is one. Raises DomainError where there is no answer to keep:
    Forbidden, a key that is missing, no key, or another order's.
    """
    if body.user_id not in (None, asker.customer_id, asker.username):
        raise Forbidden("userId is not yours; leave it out")
    key = key_of(header, body.request_token)
    settings = bootstrap.place_order_settings()
    payment_method = body.payment_method or settings.default_payment_method
    return answer_once(
        Request("order", asker.customer_id, key, _fingerprint(body, payment_method)),
        or_refused(lambda: _place(body, asker, key, payment_method), refused),
        records=bootstrap.idempotency_records(),
        keep_seconds=settings.idempotency_hours * 3600,
        context=context,
    )


def _fingerprint(body: PlaceOrderBody, payment_method: str) -> dict[str, Any]:
    """What makes two requests the same one: items and payment method; no wish, word or spelling."""
    items = [[item.product_id, item.quantity, f"{item.price.normalize():f}"] for item in body.items]
    return {"items": items, "payment_method": payment_method}


def _place(body: PlaceOrderBody, asker: Asker, key: str, payment_method: str) -> Response[str]:
    placed = use_cases.place_order(
        _order_of(body, asker, key, payment_method),
        orders=bootstrap.orders(),
        products=bootstrap.products(),
        rule=bootstrap.place_order_settings().price_list,
    )
    count("OrdersPlaced")
    return answer(HTTPStatus.ACCEPTED, placed_view(placed), location=path_of(placed))


def _order_of(body: PlaceOrderBody, asker: Asker, key: str, payment_method: str) -> Order:
    return place(
        order_id=stable_id("order", asker.customer_id, key),
        customer_id=asker.customer_id,
        items=_items_of(body, bootstrap.place_order_settings().currency),
        payment_method=payment_method,
        comment=body.comment,
        preferred_location=body.preferred_location,
        at=utc_now(),
        correlation_id=asker.correlation_id,
    )


def _items_of(body: PlaceOrderBody, currency: str) -> tuple[Item, ...]:
    """Raises InvalidPrices with all that are none."""
    items, faults = list[Item](), dict[int, str]()
    for position, item in enumerate(body.items):
        try:
            price = Money.parse(item.price, currency)
        except InvalidAmount as refusal:
            faults[position] = refusal.detail
        else:
            items.append(Item(item.product_id, item.quantity, price))
    if faults:
        raise InvalidPrices(faults)
    return tuple(items)
