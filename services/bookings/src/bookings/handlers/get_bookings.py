"""GET /bookings, /bookings/{bookingId}, /bookings/groups/{groupId}: one's own; operators see any by id."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.group_views import GroupView, group_view
from bookings.handlers.views import BookingsView, BookingView, booking_view, bookings_view
from bookings.use_cases import groups, passengers
from jetbridge.runtime.http import answer, api, caller_of, serve
from jetbridge.runtime.observability import observed
from jetbridge.runtime.openapi import answers
from jetbridge.runtime.query import Cursor, Limit

app = api()


@app.get("/bookings", responses=answers(HTTPStatus.OK, BookingsView))
def list_bookings(limit: Limit = 20, cursor: Cursor = None) -> Response[str]:
    caller = caller_of(app.current_event)
    page = passengers.list_bookings(caller.subject, limit=limit, cursor=cursor, bookings=bootstrap.bookings())
    return answer(HTTPStatus.OK, bookings_view(page))


@app.get("/bookings/<booking_id>", responses=answers(HTTPStatus.OK, BookingView))
def get_booking(booking_id: str) -> Response[str]:
    caller = caller_of(app.current_event)
    operates = "operators" in caller.groups
    booking = passengers.get_booking(
        booking_id, customer_id=None if operates else caller.subject, bookings=bootstrap.bookings()
    )
    return answer(HTTPStatus.OK, booking_view(booking, to_operator=operates))


@app.get("/bookings/groups/<group_id>", responses=answers(HTTPStatus.OK, GroupView))
def get_group(group_id: str) -> Response[str]:
    caller = caller_of(app.current_event)
    operates = "operators" in caller.groups
    group, entries = groups.get_group(
        group_id,
        customer_id=None if operates else caller.subject,
        groups=bootstrap.groups(),
        bookings=bootstrap.bookings(),
    )
    return answer(HTTPStatus.OK, group_view(group, entries, to_operator=operates))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
