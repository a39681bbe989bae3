"""Groups of bookings as the API shows them."""

from collections.abc import Sequence
from datetime import datetime

from bookings.domain.bookings import Booking
from bookings.domain.groups import Group, GroupStatus
from bookings.handlers.views import BookingView, Links, booking_view
from jetbridge.runtime.http import Body


class NewEntryView(Body):
    booking_id: str
    links: Links


class NewGroupView(Body):
    """What is known of a group right after it was asked for; its entries in the order of the request."""

    group_id: str
    status: str
    all_or_nothing: bool
    entries: list[NewEntryView]
    links: Links


class GroupView(Body):
    group_id: str
    status: str
    all_or_nothing: bool
    entries: list[BookingView]
    created_at: datetime
    links: Links


def group_path_of(group: Group) -> str:
    return f"/bookings/groups/{group.group_id}"


def new_group_view(group: Group) -> NewGroupView:
    return NewGroupView(
        group_id=group.group_id,
        status=GroupStatus.IN_PROGRESS,
        all_or_nothing=group.all_or_nothing,
        entries=[
            NewEntryView(booking_id=it.booking_id, links=Links(self=f"/bookings/{it.booking_id}"))
            for it in group.entries
        ],
        links=Links(self=group_path_of(group)),
    )


def group_view(group: Group, bookings: Sequence[Booking], *, to_operator: bool = False) -> GroupView:
    return GroupView(
        group_id=group.group_id,
        status=group.status(bookings),
        all_or_nothing=group.all_or_nothing,
        entries=[booking_view(booking, to_operator=to_operator) for booking in bookings],
        created_at=group.created_at,
        links=Links(self=group_path_of(group)),
    )
