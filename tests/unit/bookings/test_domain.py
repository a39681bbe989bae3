"""How a booking may move: whatever is asked of it, in whatever order, it never ends between two chairs."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.bookings import MOVES, Booking, BookingStatus, Step
from bookings.domain.payments import PAYMENT_MOVES, Payment
from bookings.domain.refusals import (
    BookingIsOver,
    BookingStands,
    MoveNotAllowed,
    NotConfirmed,
    PaymentMissing,
)
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import Money
from tests.fakes.bookings import booking
from tests.fakes.clock import MORNING

STEP = Step("Step", "done", MORNING, "cause-1")

type Ask = Callable[[Booking], Booking]

ASKS: dict[str, Ask] = {
    "reserve": lambda it: it.reserve(STEP),
    "await payment": lambda it: it.await_payment("token-1", STEP),
    "await payment again": lambda it: it.await_payment("token-2", STEP),
    "hear captured": lambda it: it.hear_payment(Payment.CAPTURED, STEP),
    "hear declined": lambda it: it.hear_payment(Payment.DECLINED, STEP),
    "hear refunded": lambda it: it.hear_payment(Payment.REFUNDED, STEP),
    "confirm": lambda it: it.confirm(STEP),
    "ask cancellation": lambda it: it.ask_cancellation(it.total, STEP),
    "request refund": lambda it: it.request_refund(STEP),
    "undo": lambda it: it.undo("no_seats", STEP),
}


def after(*names: str) -> Booking:
    it = booking()
    for name in names:
        it = ASKS[name](it)
    return it


AWAITING = ("reserve", "await payment")
CONFIRMED = (*AWAITING, "hear captured", "confirm")


@given(st.lists(st.sampled_from(sorted(ASKS)), max_size=12))
def test_whatever_is_asked_a_booking_keeps_its_rules(names: list[str]) -> None:
    it = booking()
    for name in names:
        before = it
        try:
            it = ASKS[name](before)
        except DomainError:
            continue
        if it is before:
            continue
        assert it.version == before.version + 1
        assert it.status is before.status or it.status in MOVES[before.status]
        assert it.payment is before.payment or it.payment in PAYMENT_MOVES[before.payment]
        assert it.steps[: len(before.steps)] == before.steps
        assert before.refund_requested <= it.refund_requested
        assert not (it.stands and it.refund_requested)
        assert (it.status is not BookingStatus.CANCELLED) or it.refund_due is not None
        assert before.refund_due is None or it.refund_due == before.refund_due
        assert it.status is not BookingStatus.CONFIRMED or it.payment in (Payment.CAPTURED, Payment.REFUNDED)


@given(st.lists(st.sampled_from(sorted(ASKS)), max_size=12), st.sampled_from(sorted(ASKS)))
def test_what_is_asked_twice_changes_nothing_the_second_time(names: list[str], twice: str) -> None:
    it = booking()
    for name in (*names, twice):
        try:
            it = ASKS[name](it)
        except DomainError:
            continue
    try:
        again = ASKS[twice](it)
    except DomainError:
        return
    assert again is it


def test_a_booking_goes_from_pending_to_confirmed() -> None:
    confirmed = after(*CONFIRMED)
    assert confirmed.status is BookingStatus.CONFIRMED
    assert confirmed.version == 5


@pytest.mark.parametrize("names", [("undo",), (*AWAITING, "request refund"), (*AWAITING, "undo")])
@pytest.mark.parametrize("late", ["reserve", "await payment", "confirm"])
def test_what_comes_after_the_undoing_has_begun_is_refused(names: tuple[str, ...], late: str) -> None:
    undone = after(*names)
    with pytest.raises(BookingIsOver):
        ASKS[late](undone)


@pytest.mark.parametrize("undo", ["request refund", "undo"])
def test_a_confirmed_booking_is_not_undone(undo: str) -> None:
    confirmed = after(*CONFIRMED)
    with pytest.raises(BookingStands):
        ASKS[undo](confirmed)


def test_a_booking_that_its_passenger_cancels_is_undone_and_cancelled() -> None:
    cancelled = after(*CONFIRMED, "ask cancellation", "request refund", "undo", "hear refunded")
    assert (cancelled.status, cancelled.payment) == (BookingStatus.CANCELLED, Payment.REFUNDED)
    assert cancelled.refund_due == cancelled.total


def test_what_was_due_first_stays_due() -> None:
    asked = after(*CONFIRMED, "ask cancellation")
    assert asked.ask_cancellation(Money(1, "USD"), STEP) is asked


def test_where_nothing_is_due_no_refund_is_requested() -> None:
    asked = after(*CONFIRMED).ask_cancellation(Money(0, "USD"), STEP)
    assert not asked.request_refund(STEP).refund_requested
    assert asked.undo("cancelled", STEP).status is BookingStatus.CANCELLED


@pytest.mark.parametrize("names", [(), AWAITING, ("undo",), (*AWAITING, "request refund")])
def test_only_a_confirmed_booking_can_be_cancelled(names: tuple[str, ...]) -> None:
    with pytest.raises(NotConfirmed):
        after(*names, "ask cancellation")


@pytest.mark.parametrize("heard", [(), ("hear declined",)])
def test_a_booking_is_not_confirmed_without_its_money(heard: tuple[str, ...]) -> None:
    with pytest.raises(PaymentMissing):
        after(*AWAITING, *heard, "confirm")


def test_a_booking_does_not_wait_for_its_payment_before_its_seats_are_taken() -> None:
    with pytest.raises(MoveNotAllowed):
        after("await payment")


def test_a_repeated_attempt_to_collect_waits_under_its_own_token() -> None:
    again = after(*AWAITING, "await payment again")
    assert again.task_token == "token-2"
    assert again.steps == after(*AWAITING).steps


def test_the_money_is_followed_even_after_the_booking_has_failed() -> None:
    failed = after(*AWAITING, "request refund", "undo", "hear captured", "hear refunded")
    assert failed.payment is Payment.REFUNDED
    assert failed.status is BookingStatus.FAILED
    assert failed.reason == "no_seats"


def test_a_booking_that_failed_keeps_its_first_reason() -> None:
    assert after("undo").undo("fault", STEP).reason == "no_seats"
