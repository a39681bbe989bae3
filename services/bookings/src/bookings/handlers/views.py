"""Flights and bookings as the API shows them."""

from datetime import datetime

from bookings.domain.bookings import Booking
from bookings.domain.flights import Flight
from jetbridge.contracts.envelope import Amount
from jetbridge.kernel.pages import Page
from jetbridge.runtime.http import Body


class Links(Body):
    self: str


class FlightView(Body):
    flight_id: str
    origin: str
    destination: str
    departs_at: datetime
    seat_capacity: int
    seats_available: int
    price: Amount
    version: int


class FlightsView(Body):
    flights: list[FlightView]
    next_cursor: str | None = None


class StepView(Body):
    name: str
    outcome: str
    at: datetime


class UnsettledView(Body):
    compensation: str
    error: str
    at: datetime


class TransferView(Body):
    pickup: str


class NewBookingView(Body):
    """What is known of a booking right after it was asked for."""

    booking_id: str
    status: str
    links: Links


class BookingView(NewBookingView):
    """`reason` says in a stable word why it ended; of a cancelled one `refund` goes back, `fee` does not.

    `settling`: something of it is still to be given back; `unsettled` says what, to operators. So does
    `sagaVersion`: which version of the state machine made it.
    """

    flight_id: str
    seats: int
    total: Amount
    steps: list[StepView]
    refund: Amount | None = None
    fee: Amount | None = None
    reason: str | None = None
    transfer: TransferView | None = None
    settling: bool | None = None
    unsettled: list[UnsettledView] | None = None
    saga_version: int | None = None
    group_id: str | None = None
    created_at: datetime


class BookingsView(Body):
    bookings: list[BookingView]
    next_cursor: str | None = None


def path_of(booking: Booking) -> str:
    return f"/bookings/{booking.booking_id}"


def flight_view(flight: Flight) -> FlightView:
    return FlightView(
        flight_id=flight.flight_id,
        origin=flight.origin,
        destination=flight.destination,
        departs_at=flight.departs_at,
        seat_capacity=flight.seat_capacity,
        seats_available=flight.seats_available,
        price=Amount.of(flight.price),
        version=flight.version,
    )


def flights_view(page: Page[Flight]) -> FlightsView:
    return FlightsView(flights=[flight_view(flight) for flight in page.items], next_cursor=page.cursor)


def new_booking_view(booking: Booking) -> NewBookingView:
    return NewBookingView(
        booking_id=booking.booking_id, status=booking.status, links=Links(self=path_of(booking))
    )


def booking_view(booking: Booking, *, to_operator: bool = False) -> BookingView:
    return BookingView(
        booking_id=booking.booking_id,
        status=booking.status,
        links=Links(self=path_of(booking)),
        flight_id=booking.flight_id,
        seats=booking.seats,
        total=Amount.of(booking.total),
        steps=[StepView(name=step.name, outcome=step.outcome, at=step.at) for step in booking.steps],
        refund=Amount.of(booking.refund_due) if booking.refund_due is not None else None,
        fee=Amount.of(booking.kept) if booking.kept is not None else None,
        reason=booking.reason,
        transfer=TransferView(pickup=booking.pickup) if booking.pickup is not None else None,
        settling=True if booking.unsettled else None,
        unsettled=_unsettled(booking) if to_operator and booking.unsettled else None,
        saga_version=booking.saga_version if to_operator else None,
        group_id=booking.group_id,
        created_at=booking.created_at,
    )


def _unsettled(booking: Booking) -> list[UnsettledView]:
    return [UnsettledView(compensation=it.compensation, error=it.error, at=it.at) for it in booking.unsettled]


def bookings_view(page: Page[Booking]) -> BookingsView:
    return BookingsView(bookings=[booking_view(booking) for booking in page.items], next_cursor=page.cursor)
