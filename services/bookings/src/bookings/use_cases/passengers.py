"""What passengers do: book seats, and look at their bookings."""

from dataclasses import dataclass
from datetime import datetime

from bookings.domain.bookings import Booking, BookingStatus
from bookings.domain.flights import FlightDeparted
from bookings.ports import Bookings, Flights, Saga
from bookings.use_cases.flights import get_flight, make_room
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import ConcurrentUpdate, KeyReused, NotFound
from jetbridge.kernel.pages import Page


@dataclass(frozen=True, slots=True)
class Wish:
    """What a passenger asks for. The same wish asked twice has the same `booking_id`."""

    booking_id: str
    customer_id: str
    flight_id: str
    seats: int
    payment_method: str
    correlation_id: str
    pickup: str | None = None

    def is_met_by(self, booking: Booking) -> bool:
        names = ("customer_id", "flight_id", "seats", "payment_method", "pickup")
        return all(getattr(self, name) == getattr(booking, name) for name in names)


def book_seats(wish: Wish, *, flights: Flights, bookings: Bookings, saga: Saga, clock: Clock) -> Booking:
    """Store the booking, then start its saga. A crash between the two heals when the wish is asked again.

    Raises FlightNotFound, FlightDeparted, KeyReused.
    """
    booking = bookings.get(wish.booking_id)
    if booking is None:
        booking = _store(wish, flights=flights, bookings=bookings, now=clock())
    if not wish.is_met_by(booking):
        raise KeyReused
    if booking.status is BookingStatus.PENDING:
        saga.start(booking)
    return booking


def _store(wish: Wish, *, flights: Flights, bookings: Bookings, now: datetime) -> Booking:
    flight = get_flight(wish.flight_id, flights=flights)
    if flight.departs_at <= now:
        raise FlightDeparted("This flight has departed.")
    make_room(flight, now=now, flights=flights)
    booking = Booking(
        booking_id=wish.booking_id,
        customer_id=wish.customer_id,
        flight_id=wish.flight_id,
        seats=wish.seats,
        total=flight.price * wish.seats,
        payment_method=wish.payment_method,
        correlation_id=wish.correlation_id,
        pickup=wish.pickup,
        created_at=now,
    )
    if bookings.add(booking):
        return booking
    written = bookings.get(wish.booking_id)
    if written is None:
        raise ConcurrentUpdate(wish.booking_id)
    return written


def get_booking(booking_id: str, *, customer_id: str | None, bookings: Bookings) -> Booking:
    """Raises NotFound for a booking that does not exist and for one that is somebody else's, alike.

    `customer_id` None: for an operator, who sees them all.
    """
    booking = bookings.get(booking_id)
    if booking is None or customer_id not in (None, booking.customer_id):
        raise NotFound("There is no such booking.")
    return booking


def list_bookings(customer_id: str, *, limit: int, cursor: str | None, bookings: Bookings) -> Page[Booking]:
    return bookings.of_customer(customer_id, limit=limit, cursor=cursor)
