"""POST /bookings: store the booking once, start its saga and answer 202."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.bodies import SeatsBody, Text
from bookings.handlers.views import NewBookingView, new_booking_view, path_of
from bookings.use_cases.passengers import Wish, book_seats
from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.ids import stable_id
from jetbridge.runtime.http import RequestBody, answer, api, caller_of, correlation_of, serve
from jetbridge.runtime.idempotency import KEY_STATUSES, Request, answer_once, key_of, or_refused
from jetbridge.runtime.observability import count, observed
from jetbridge.runtime.openapi import answers

app = api(KEY_STATUSES)


class TransferBody(RequestBody):
    """An airport transfer, from `pickup`."""

    pickup: Text


class BookSeatsBody(SeatsBody):
    transfer: TransferBody | None = None


@app.post("/bookings", responses=answers(HTTPStatus.ACCEPTED, NewBookingView))
def post_booking(
    body: BookSeatsBody, idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> Response[str]:
    settings = bootstrap.booking_settings()
    caller = caller_of(app.current_event).subject
    key = key_of(idempotency_key)
    wish = Wish(
        booking_id=stable_id("booking", caller, key),
        customer_id=caller,
        flight_id=body.flight_id,
        seats=body.seats,
        payment_method=body.payment_method or settings.default_payment_method,
        correlation_id=correlation_of(app.current_event),
        pickup=body.transfer.pickup if body.transfer else None,
    )
    asked = {"flight": wish.flight_id, "seats": wish.seats, "method": wish.payment_method}
    if wish.pickup is not None:
        asked["pickup"] = wish.pickup
    return answer_once(
        Request("booking", caller, key, asked),
        or_refused(lambda: _book(wish)),
        records=bootstrap.idempotency_records(),
        keep_seconds=settings.idempotency_hours * 3600,
        context=app.lambda_context,
    )


def _book(wish: Wish) -> Response[str]:
    booking = book_seats(
        wish,
        flights=bootstrap.flights(),
        bookings=bootstrap.bookings(),
        saga=bootstrap.saga(),
        clock=utc_now,
    )
    count("BookingsStarted")
    return answer(HTTPStatus.ACCEPTED, new_booking_view(booking), location=path_of(booking))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
