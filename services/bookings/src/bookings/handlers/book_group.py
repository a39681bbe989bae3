"""POST /bookings/groups: store the group with its bookings once, start them and answer 202."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from bookings import bootstrap
from bookings.domain.groups import MAX_ENTRIES, Entry
from bookings.handlers.bodies import SeatsBody
from bookings.handlers.group_views import NewGroupView, group_path_of, new_group_view
from bookings.use_cases.groups import GroupWish, book_group
from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.ids import stable_id
from jetbridge.runtime.http import RequestBody, answer, api, caller_of, correlation_of, serve
from jetbridge.runtime.idempotency import KEY_STATUSES, Request, answer_once, key_of, or_refused
from jetbridge.runtime.observability import count, observed
from jetbridge.runtime.openapi import answers

app = api(KEY_STATUSES)


class BookGroupBody(RequestBody):
    """With `allOrNothing` no booking of the group stands in the end unless every one does."""

    entries: Annotated[list[SeatsBody], Field(min_length=1, max_length=MAX_ENTRIES)]
    all_or_nothing: Annotated[bool, Field(strict=True)] = True


@app.post("/bookings/groups", responses=answers(HTTPStatus.ACCEPTED, NewGroupView))
def post_group(
    body: BookGroupBody, idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> Response[str]:
    settings = bootstrap.booking_settings()
    caller = caller_of(app.current_event).subject
    key = key_of(idempotency_key)
    group_id = stable_id("group", caller, key)
    method = settings.default_payment_method
    wish = GroupWish(
        group_id=group_id,
        customer_id=caller,
        all_or_nothing=body.all_or_nothing,
        entries=tuple(
            Entry(
                stable_id("group", group_id, str(place)), it.flight_id, it.seats, it.payment_method or method
            )
            for place, it in enumerate(body.entries)
        ),
        correlation_id=correlation_of(app.current_event),
    )
    asked = [[entry.flight_id, entry.seats, entry.payment_method] for entry in wish.entries]
    return answer_once(
        Request("group", caller, key, {"all": wish.all_or_nothing, "entries": asked}),
        or_refused(lambda: _book(wish)),
        records=bootstrap.idempotency_records(),
        keep_seconds=settings.idempotency_hours * 3600,
        context=app.lambda_context,
    )


def _book(wish: GroupWish) -> Response[str]:
    group = book_group(
        wish,
        flights=bootstrap.flights(),
        groups=bootstrap.groups(),
        saga=bootstrap.group_saga(),
        clock=utc_now,
    )
    count("GroupsStarted")
    return answer(HTTPStatus.ACCEPTED, new_group_view(group), location=group_path_of(group))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.api_settings().allow_origin)
