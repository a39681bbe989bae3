"""DELETE /bookings/{bookingId}: the passenger cancels a confirmed booking; seats and money go back."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.domain.flights import FlightDeparted
from bookings.domain.refusals import NotConfirmed
from bookings.handlers.views import BookingView, booking_view
from bookings.use_cases.cancellations import give_back_booking
from bookings.use_cases.saga import Cause
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.http import answer, api, caller_of, correlation_of, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers

app = api({NotConfirmed: HTTPStatus.CONFLICT, FlightDeparted: HTTPStatus.CONFLICT})


@app.delete("/bookings/<booking_id>", responses=answers(HTTPStatus.ACCEPTED, BookingView))
def delete_booking(booking_id: str) -> Response[str]:
    booking = give_back_booking(
        Cause(booking_id, correlation_of(app.current_event)),
        customer_id=caller_of(app.current_event).subject,
        rules=bootstrap.refund_rules(),
        bookings=bootstrap.bookings(),
        flights=bootstrap.flights(),
        undoing=bootstrap.undoing(),
        clock=utc_now,
    )
    return answer(HTTPStatus.ACCEPTED, booking_view(booking))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
