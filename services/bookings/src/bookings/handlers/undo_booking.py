"""POST /bookings/{bookingId}/compensation: operators have what is missing of an undoing done."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.domain.refusals import BookingStands
from bookings.handlers.views import NewBookingView, new_booking_view, path_of
from bookings.use_cases.cancellations import undo_booking
from jetbridge.runtime.http import answer, api, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers

app = api({BookingStands: HTTPStatus.CONFLICT})


@app.post("/bookings/<booking_id>/compensation", responses=answers(HTTPStatus.ACCEPTED, NewBookingView))
def post_compensation(booking_id: str) -> Response[str]:
    """Each request is a run of its own: one that is repeated repeats what changes nothing."""
    booking = undo_booking(
        booking_id,
        run=app.current_event.request_context.request_id or "",
        bookings=bootstrap.bookings(),
        undoing=bootstrap.undoing(),
    )
    return answer(HTTPStatus.ACCEPTED, new_booking_view(booking), location=path_of(booking))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    allow_origin = bootstrap.api_settings().allow_origin
    return serve(app, event, context, allow_origin=allow_origin, only_for="operators")
