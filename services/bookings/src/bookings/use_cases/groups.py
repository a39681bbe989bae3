"""Groups of bookings: asked for together, waited for one by one, and undone if they must not stand."""

from dataclasses import dataclass
from datetime import datetime

from bookings.domain.bookings import Booking, Step
from bookings.domain.flights import Flight, FlightDeparted, FlightNotFound
from bookings.domain.groups import Entry, Group, withdraw
from bookings.domain.refusals import BookingUnderWay
from bookings.ports import Bookings, Flights, Groups, GroupSaga, Undoing
from bookings.use_cases.flights import make_room
from bookings.use_cases.saga import Cause, change
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import ConcurrentUpdate, KeyReused, NotFound


class GroupNotSettled(Exception):
    """A fault: bookings of a group could not be given up."""


@dataclass(frozen=True, slots=True)
class GroupWish:
    """What a passenger asks for. The same wish asked twice has the same `group_id` and booking ids."""

    group_id: str
    customer_id: str
    all_or_nothing: bool
    entries: tuple[Entry, ...]
    correlation_id: str

    def is_met_by(self, group: Group) -> bool:
        asked = (self.customer_id, self.all_or_nothing, self.entries)
        return asked == (group.customer_id, group.all_or_nothing, group.entries)


def book_group(wish: GroupWish, *, flights: Flights, groups: Groups, saga: GroupSaga, clock: Clock) -> Group:
    """Store the group with all its bookings, then start. A crash between the two heals when asked again.

    Raises FlightNotFound and FlightDeparted, which name the entry, and KeyReused.
    """
    group = groups.get(wish.group_id) or _store(wish, flights=flights, groups=groups, now=clock())
    if not wish.is_met_by(group):
        raise KeyReused
    saga.start(group)
    return group


def _store(wish: GroupWish, *, flights: Flights, groups: Groups, now: datetime) -> Group:
    wanted = {entry.flight_id for entry in wish.entries}
    found = {flight_id: flights.get(flight_id) for flight_id in wanted}
    group = Group(
        group_id=wish.group_id,
        customer_id=wish.customer_id,
        all_or_nothing=wish.all_or_nothing,
        entries=wish.entries,
        correlation_id=wish.correlation_id,
        created_at=now,
    )
    bookings = [
        _booking(group, entry, _departing(found[entry.flight_id], place, now))
        for place, entry in enumerate(wish.entries)
    ]
    for flight in filter(None, found.values()):
        make_room(flight, now=now, flights=flights)
    if groups.add(group, bookings):
        return group
    written = groups.get(wish.group_id)
    if written is None:
        raise ConcurrentUpdate(wish.group_id)
    return written


def _departing(flight: Flight | None, place: int, now: datetime) -> Flight:
    if flight is None:
        raise FlightNotFound(f"entries/{place}: there is no such flight.")
    if flight.departs_at <= now:
        raise FlightDeparted(f"entries/{place}: this flight has departed.")
    return flight


def _booking(group: Group, entry: Entry, flight: Flight) -> Booking:
    return Booking(
        booking_id=entry.booking_id,
        customer_id=group.customer_id,
        flight_id=entry.flight_id,
        seats=entry.seats,
        total=flight.price * entry.seats,
        payment_method=entry.payment_method,
        correlation_id=group.correlation_id,
        created_at=group.created_at,
        group_id=group.group_id,
    )


def get_group(
    group_id: str, *, customer_id: str | None, groups: Groups, bookings: Bookings
) -> tuple[Group, tuple[Booking, ...]]:
    """The group with its bookings as they are now.

    Raises NotFound for a group that does not exist and for one that is somebody else's, alike.

    `customer_id` None: for an operator, who sees them all.
    """
    group = groups.get(group_id)
    if group is None or customer_id not in (None, group.customer_id):
        raise NotFound("There is no such group.")
    return group, _bookings_of(group, bookings)


def await_booking(booking_id: str, *, bookings: Bookings) -> None:
    """Nothing, once the booking has come to its end. Raises BookingUnderWay before, NotFound."""
    booking = bookings.get(booking_id)
    if booking is None:
        raise NotFound(f"There is no booking {booking_id}.")
    if not booking.has_ended:
        raise BookingUnderWay("this booking has not come to its end yet")


def settle_group(
    group_id: str,
    *,
    causation_id: str,
    groups: Groups,
    bookings: Bookings,
    undoing: Undoing,
    clock: Clock,
) -> tuple[Booking, ...]:
    """Give up the bookings that must not stand: those returned. May be repeated, and cut off anywhere.

    Raises NotFound, and GroupNotSettled if some could not be given up, after all have been tried.
    """
    group = groups.get(group_id)
    if group is None:
        raise NotFound(f"There is no group {group_id}.")
    given_up, faults = [], []
    for booking in group.to_give_up(_bookings_of(group, bookings)):
        cause = Cause(booking.booking_id, causation_id)
        try:
            given_up.append(_give_up(cause, bookings=bookings, undoing=undoing, clock=clock))
        except Exception as fault:  # it must not keep the others, and is told at the end
            fault.add_note(booking.booking_id)
            faults.append(fault)
    if faults:
        raise GroupNotSettled(f"{len(faults)} bookings") from ExceptionGroup(group_id, faults)
    return tuple(booking for booking in given_up if booking.withdrawn)


def _give_up(cause: Cause, *, bookings: Bookings, undoing: Undoing, clock: Clock) -> Booking:
    """Its undoing starts after the mark that refuses a confirmation; a booking that has failed stays so."""
    step = Step("Withdraw Booking", "group failed", clock(), cause.causation_id)
    booking = change(cause, lambda it: withdraw(it, step), bookings=bookings)
    if booking.withdrawn:
        undoing.start(booking, name="withdrawal")
    return booking


def _bookings_of(group: Group, bookings: Bookings) -> tuple[Booking, ...]:
    return bookings.get_all([entry.booking_id for entry in group.entries])
