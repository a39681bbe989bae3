"""What an undoing could not do: written down with the time of its first failure, cleared when it is done."""

from bookings.domain.bookings import Unsettled
from bookings.use_cases.saga import Cause, settle_booking
from tests.fakes.bookings import MemoryBookings, booking
from tests.fakes.clock import MORNING, ticking

CAUSE = Cause("booking-1", "execution-1")


def test_what_is_missing_is_written_down_once_with_the_time_of_its_first_failure() -> None:
    bookings, clock = MemoryBookings(booking()), ticking()
    missing = {"Refund Payment": "Lambda.Unknown"}
    first = settle_booking(CAUSE, missing, bookings=bookings, clock=clock)
    assert first.unsettled == (Unsettled("Refund Payment", "Lambda.Unknown", MORNING),)
    assert settle_booking(CAUSE, missing, bookings=bookings, clock=clock) is first


def test_another_error_or_compensation_is_written_down_anew() -> None:
    bookings, clock = MemoryBookings(booking()), ticking()
    settle_booking(CAUSE, {"Refund Payment": "Lambda.Unknown"}, bookings=bookings, clock=clock)
    missing = {"Refund Payment": "States.Timeout", "Release Flight": "States.Timeout"}
    second = settle_booking(CAUSE, missing, bookings=bookings, clock=clock)
    assert [(it.compensation, it.error, it.at > MORNING) for it in second.unsettled] == [
        ("Refund Payment", "States.Timeout", True),
        ("Release Flight", "States.Timeout", True),
    ]


def test_what_is_done_later_is_cleared_and_nothing_is_written_for_nothing() -> None:
    bookings, clock = MemoryBookings(booking()), ticking()
    settle_booking(CAUSE, {"Refund Payment": "Lambda.Unknown"}, bookings=bookings, clock=clock)
    for _ in range(2):
        assert settle_booking(CAUSE, {}, bookings=bookings, clock=clock).unsettled == ()
    assert [it.version for it in bookings.written] == [1, 2, 3]
