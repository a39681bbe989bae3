"""Passengers book seats: whatever breaks between the storing and the saga heals when they ask again."""

from datetime import timedelta

import pytest

from bookings.domain.bookings import Booking, BookingStatus
from bookings.domain.flights import FlightDeparted, FlightNotFound
from bookings.use_cases.passengers import Wish, book_seats, get_booking, list_bookings
from jetbridge.kernel.errors import KeyReused, NotFound
from jetbridge.kernel.money import Money
from tests.fakes.bookings import FakeSaga, Fault, MemoryBookings, MemoryFlights, booking, flight, wish
from tests.fakes.clock import MORNING, ticking


def book(
    wanted: Wish, bookings: MemoryBookings, saga: FakeSaga, flights: MemoryFlights | None = None
) -> Booking:
    known = MemoryFlights(flight()) if flights is None else flights
    return book_seats(wanted, flights=known, bookings=bookings, saga=saga, clock=ticking())


def test_a_booking_is_stored_pending_and_its_saga_started() -> None:
    bookings, saga = MemoryBookings(), FakeSaga()
    made = book(wish(seats=3), bookings, saga)
    assert made == bookings.get("booking-1")
    assert (made.status, made.total) == (BookingStatus.PENDING, Money(15075, "USD"))
    assert saga.started == ["booking-1"]


def test_asked_twice_there_is_one_booking_and_one_saga() -> None:
    bookings, saga = MemoryBookings(), FakeSaga()
    assert book(wish(), bookings, saga) == book(wish(), bookings, saga)
    assert (len(bookings.written), saga.started) == (1, ["booking-1"])


def test_a_crash_between_storing_and_starting_heals_when_it_is_asked_again() -> None:
    bookings, saga = MemoryBookings(), FakeSaga(faults=1)
    with pytest.raises(Fault):
        book(wish(), bookings, saga)
    assert saga.started == []
    book(wish(), bookings, saga)
    assert (len(bookings.written), saga.started) == (1, ["booking-1"])


def test_a_lost_answer_of_the_table_heals_when_it_is_asked_again() -> None:
    bookings, saga = MemoryBookings(), FakeSaga()
    bookings.lose_answers = 1
    with pytest.raises(Fault):
        book(wish(), bookings, saga)
    book(wish(), bookings, saga)
    assert (len(bookings.written), saga.started) == (1, ["booking-1"])


def test_the_price_of_the_first_attempt_counts() -> None:
    bookings, saga = MemoryBookings(), FakeSaga(faults=1)
    with pytest.raises(Fault):
        book(wish(), bookings, saga)
    dearer = MemoryFlights(flight(price=Money(99900, "USD")))
    assert book(wish(), bookings, saga, dearer).total == Money(10050, "USD")


def test_two_attempts_at_once_make_one_booking() -> None:
    bookings, saga = MemoryBookings(), FakeSaga()

    def other_attempt() -> None:
        bookings.before_save = lambda: None
        book(wish(), bookings, saga)

    bookings.before_save = other_attempt
    made = book(wish(), bookings, saga)
    assert bookings.written == [made]
    assert saga.started == ["booking-1"]


@pytest.mark.parametrize("other", [{"seats": 3}, {"flight_id": "JB102"}, {"payment_method": "pm_other"}])
def test_a_key_that_asked_for_another_booking_is_refused(other: dict[str, object]) -> None:
    bookings, saga = MemoryBookings(booking()), FakeSaga()
    with pytest.raises(KeyReused):
        book(wish(**other), bookings, saga)
    assert saga.started == []


def test_an_unknown_flight_is_refused_and_nothing_is_stored() -> None:
    bookings, saga = MemoryBookings(), FakeSaga()
    with pytest.raises(FlightNotFound):
        book(wish(), bookings, saga, MemoryFlights())
    assert (bookings.written, saga.started) == ([], [])


def test_a_flight_that_has_departed_is_refused() -> None:
    gone = MemoryFlights(flight(departs_at=MORNING - timedelta(seconds=1)))
    with pytest.raises(FlightDeparted):
        book(wish(), MemoryBookings(), FakeSaga(), gone)


def test_another_customers_booking_is_not_found() -> None:
    bookings = MemoryBookings(booking())
    assert get_booking("booking-1", customer_id="customer-1", bookings=bookings) == booking()
    for booking_id, customer_id in (("booking-1", "customer-2"), ("booking-2", "customer-1")):
        with pytest.raises(NotFound):
            get_booking(booking_id, customer_id=customer_id, bookings=bookings)


def test_a_customer_lists_their_own_bookings() -> None:
    bookings = MemoryBookings(booking(), booking(booking_id="booking-2", customer_id="customer-2"))
    page = list_bookings("customer-1", limit=20, cursor=None, bookings=bookings)
    assert page.items == (booking(),)
