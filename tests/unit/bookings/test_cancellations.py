"""Passengers cancel, operators undo: decided once, started once, and healed when asked again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.bookings import Booking, BookingStatus, Step
from bookings.domain.flights import FlightDeparted
from bookings.domain.groups import withdraw
from bookings.domain.payments import Payment
from bookings.domain.refunds import RefundRules
from bookings.domain.refusals import BookingStands, NotConfirmed
from bookings.use_cases.cancellations import give_back_booking, undo_booking
from bookings.use_cases.saga import Cause
from jetbridge.kernel.errors import NotFound
from jetbridge.kernel.money import Money
from tests.fakes.bookings import FakeUndoing, Fault, MemoryBookings, MemoryFlights, booking, flight
from tests.fakes.clock import MORNING, ticking

RULES = RefundRules.parse("24:50,168:100")
PRICE = Money(10051, "USD")
CAUSE = Cause("booking-1", "request-1")
STEP = Step("Step", "done", MORNING, "request-1")


def confirmed() -> Booking:
    return booking(status=BookingStatus.CONFIRMED, payment=Payment.CAPTURED, total=PRICE)


def give_back(
    bookings: MemoryBookings, undoing: FakeUndoing, *, hours: float = 200, customer: str = "customer-1"
) -> Booking:
    flights = MemoryFlights(flight(departs_at=MORNING + timedelta(hours=hours)))
    return give_back_booking(
        CAUSE,
        customer_id=customer,
        rules=RULES,
        bookings=bookings,
        flights=flights,
        undoing=undoing,
        clock=ticking(),
    )


@pytest.mark.parametrize(("hours", "minor"), [(200, 10051), (168, 10051), (167.9, 5025), (24, 5025), (1, 0)])
def test_what_goes_back_depends_on_the_hours_that_are_left(hours: float, minor: int) -> None:
    assert give_back(MemoryBookings(confirmed()), FakeUndoing(), hours=hours).refund_due == Money(
        minor, "USD"
    )


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 100)), min_size=1), st.integers(0, 10**9))
def test_never_more_than_the_price_goes_back(tiers: list[tuple[int, int]], minor: int) -> None:
    rules = RefundRules.parse(",".join(f"{hours}:{percent}" for hours, percent in tiers))
    for hours in range(0, 1000, 37):
        assert 0 <= rules.refund(Money(minor, "USD"), timedelta(hours=hours)).minor <= minor


def test_asked_twice_the_first_decision_counts_and_one_undoing_runs() -> None:
    bookings, undoing = MemoryBookings(confirmed()), FakeUndoing()
    give_back(bookings, undoing)
    assert give_back(bookings, undoing, hours=30).refund_due == PRICE
    assert undoing.started == [("booking-1", "cancellation")]


def test_asked_again_once_it_is_cancelled_nothing_is_undone_again() -> None:
    """However late: Step Functions forgets the names of executions."""
    undone = confirmed().ask_cancellation(PRICE, STEP).undo("cancelled", STEP)
    bookings, undoing = MemoryBookings(undone), FakeUndoing()
    assert give_back(bookings, undoing).status is BookingStatus.CANCELLED
    assert undoing.started == []


def test_of_what_its_group_gave_up_no_second_undoing_runs() -> None:
    bookings, undoing = MemoryBookings(withdraw(confirmed(), STEP)), FakeUndoing()
    give_back(bookings, undoing)
    assert undoing.started == [("booking-1", "withdrawal")]


def test_asked_again_after_departure_it_is_still_cancelled() -> None:
    bookings, undoing = MemoryBookings(confirmed()), FakeUndoing(faults=1)
    with pytest.raises(Fault):
        give_back(bookings, undoing)
    assert give_back(bookings, undoing, hours=0).refund_due == PRICE
    assert undoing.started == [("booking-1", "cancellation")]


def test_a_crash_before_the_undoing_started_heals_when_it_is_asked_again() -> None:
    bookings, undoing = MemoryBookings(confirmed()), FakeUndoing(faults=1)
    with pytest.raises(Fault):
        give_back(bookings, undoing)
    give_back(bookings, undoing)
    assert undoing.started == [("booking-1", "cancellation")]


def test_a_lost_answer_to_the_decision_heals_when_it_is_asked_again() -> None:
    bookings, undoing = MemoryBookings(confirmed()), FakeUndoing()
    bookings.lose_answers = 1
    with pytest.raises(Fault):
        give_back(bookings, undoing)
    assert give_back(bookings, undoing, hours=30).refund_due == PRICE


def test_after_departure_nothing_is_given_back() -> None:
    bookings, undoing = MemoryBookings(confirmed()), FakeUndoing()
    with pytest.raises(FlightDeparted):
        give_back(bookings, undoing, hours=0)
    assert (len(bookings.written), undoing.started) == (1, [])


def test_only_the_passenger_and_only_a_confirmed_booking() -> None:
    with pytest.raises(NotFound):
        give_back(MemoryBookings(confirmed()), FakeUndoing(), customer="somebody-else")
    with pytest.raises(NotConfirmed):
        give_back(MemoryBookings(booking()), FakeUndoing())


def test_an_operator_undoes_what_does_not_stand_each_time_anew() -> None:
    bookings, undoing = MemoryBookings(booking(status=BookingStatus.FAILED)), FakeUndoing()
    for run in ("request-1", "request-2"):
        undo_booking("booking-1", run=run, bookings=bookings, undoing=undoing)
    assert undoing.started == [("booking-1", "request-1"), ("booking-1", "request-2")]


def test_a_confirmed_booking_is_not_undone_by_an_operator() -> None:
    with pytest.raises(BookingStands):
        undo_booking("booking-1", run="1", bookings=MemoryBookings(confirmed()), undoing=FakeUndoing())
    with pytest.raises(NotFound):
        undo_booking("booking-2", run="1", bookings=MemoryBookings(), undoing=FakeUndoing())
