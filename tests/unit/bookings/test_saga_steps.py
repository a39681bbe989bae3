"""The saga's steps: run twice, cut off, late or at once with a payment, they come to the same booking."""

from collections.abc import Callable

import pytest

from bookings.domain.bookings import Booking, BookingStatus
from bookings.domain.payments import Payment
from bookings.domain.refusals import BookingIsOver, BookingStands
from bookings.use_cases.saga import (
    Cause,
    cancel_booking,
    collect_payment,
    confirm_booking,
    hear_payment,
    refund_payment,
    reserve_booking,
)
from jetbridge.kernel.errors import ConcurrentUpdate, NotFound
from tests.fakes.bookings import FakeWaitingSaga, Fault, MemoryBookings, booking
from tests.fakes.clock import ticking

CAUSE = Cause("booking-1", "execution-1")
EVENT = Cause("booking-1", "event-1")


class World:
    """One booking, its saga waiting under `token-1`, and every step of the saga as a call."""

    def __init__(self) -> None:
        self.bookings = MemoryBookings(booking())
        self.waiting = FakeWaitingSaga()
        self.clock = ticking()

    def now(self) -> Booking:
        found = self.bookings.get("booking-1")
        assert found is not None
        return found

    def reserve(self) -> Booking:
        return reserve_booking(CAUSE, bookings=self.bookings, clock=self.clock)

    def collect(self, attempt: int = 1) -> Booking:
        token = f"token-{attempt}"
        return collect_payment(CAUSE, token, bookings=self.bookings, waiting=self.waiting, clock=self.clock)

    def hear(self, payment: Payment = Payment.CAPTURED, reason: str = "") -> Booking:
        return hear_payment(
            EVENT, payment, reason, bookings=self.bookings, waiting=self.waiting, clock=self.clock
        )

    def confirm(self) -> Booking:
        return confirm_booking(CAUSE, bookings=self.bookings, clock=self.clock)

    def refund(self) -> Booking:
        return refund_payment(CAUSE, bookings=self.bookings, clock=self.clock)

    def cancel(self) -> Booking:
        return cancel_booking(CAUSE, reason="fault", bookings=self.bookings, clock=self.clock)


HAPPY = ("reserve", "collect", "hear", "confirm")
SAD = ("reserve", "collect", "refund", "cancel")


def run(world: World, *names: str) -> None:
    for name in names:
        getattr(world, name)()


def outline(it: Booking) -> tuple[object, ...]:
    return (it.status, it.payment, it.refund_requested, it.version, [(s.name, s.outcome) for s in it.steps])


def test_a_saga_without_trouble_confirms_its_booking() -> None:
    world = World()
    run(world, *HAPPY)
    assert world.now().status is BookingStatus.CONFIRMED
    assert world.waiting.told == [("token-1", "resumed")]
    assert [(step.name, step.outcome, step.causation_id) for step in world.now().steps] == [
        ("Reserve Flight", "done", "execution-1"),
        ("Reserve Booking", "done", "execution-1"),
        ("Collect Payment", "asked", "execution-1"),
        ("Collect Payment", "captured", "event-1"),
        ("Confirm Booking", "done", "execution-1"),
    ]


@pytest.mark.parametrize("names", [HAPPY, SAD])
def test_every_step_may_run_twice(names: tuple[str, ...]) -> None:
    once, twice = World(), World()
    run(once, *names)
    for name in names:
        run(twice, name, name)
    assert outline(twice.now()) == outline(once.now())
    assert twice.waiting.told == once.waiting.told


@pytest.mark.parametrize("names", [HAPPY, SAD])
@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("effect", [True, False], ids=["answer lost", "never came"])
def test_a_step_that_broke_is_taken_by_its_retry(names: tuple[str, ...], at: int, effect: bool) -> None:
    whole, broken = World(), World()
    run(whole, *names)
    run(broken, *names[:at])
    if effect:
        broken.bookings.lose_answers = 1
    else:
        broken.bookings.before_save = fail_once(broken)
    with pytest.raises(Fault):
        run(broken, names[at])
    run(broken, *names[at:])
    assert outline(broken.now()) == outline(whole.now())
    assert broken.waiting.told == whole.waiting.told


def fail_once(world: World) -> Callable[[], None]:
    def fail() -> None:
        world.bookings.before_save = lambda: None
        raise Fault("never came")

    return fail


def test_the_declined_payment_reaches_the_saga_with_its_reason() -> None:
    world = World()
    run(world, "reserve", "collect")
    world.hear(Payment.DECLINED, "insufficient_funds")
    assert world.waiting.told == [("token-1", "declined: insufficient_funds")]
    assert world.now().status is BookingStatus.AWAITING_PAYMENT


def test_an_event_whose_saga_could_not_be_told_tells_it_when_it_comes_again() -> None:
    world = World()
    run(world, "reserve", "collect")
    world.waiting.faults = 1
    with pytest.raises(Fault):
        world.hear()
    assert world.now().payment is Payment.CAPTURED
    world.hear()
    assert world.waiting.told == [("token-1", "resumed")]


def test_an_event_before_the_token_is_kept_for_the_saga() -> None:
    world = World()
    run(world, "reserve", "hear")
    assert world.waiting.told == []
    world.collect()
    assert world.waiting.told == [("token-1", "resumed")]


def test_an_attempt_with_a_new_token_is_told_what_the_old_one_was() -> None:
    world = World()
    world.waiting.waiting = {"token-2"}
    run(world, "reserve", "collect", "hear")
    assert world.waiting.told == []
    world.collect(attempt=2)
    assert world.waiting.told == [("token-2", "resumed")]


def test_a_payment_that_comes_while_the_token_changes_reaches_the_new_one() -> None:
    world = World()
    run(world, "reserve", "collect")
    world.waiting.waiting = {"token-2"}

    def payment_first() -> None:
        world.bookings.before_save = lambda: None
        world.hear()

    world.bookings.before_save = payment_first
    world.collect(attempt=2)
    assert world.waiting.told == [("token-2", "resumed")]


def test_a_saga_that_waits_no_more_leaves_the_event_written_down() -> None:
    world = World()
    run(world, "reserve", "collect")
    world.waiting.waiting.clear()
    assert world.hear().payment is Payment.CAPTURED


def test_a_payment_that_comes_after_the_undoing_is_written_down_and_tells_nobody() -> None:
    world = World()
    run(world, *SAD, "hear")
    world.hear(Payment.REFUNDED)
    assert world.waiting.told == []
    assert (world.now().status, world.now().payment) == (BookingStatus.FAILED, Payment.REFUNDED)


def test_an_event_of_an_unknown_booking_is_no_success() -> None:
    world = World()
    world.bookings.written.clear()
    with pytest.raises(NotFound):
        world.hear()


@pytest.mark.parametrize("late", ["reserve", "collect", "confirm"])
def test_a_step_that_comes_after_the_undoing_is_refused(late: str) -> None:
    world = World()
    run(world, "reserve", "collect", "hear", "refund")
    if late == "reserve":
        world.bookings.written[:] = [booking().undo("fault", world.now().steps[0])]
    with pytest.raises(BookingIsOver):
        run(world, late)


@pytest.mark.parametrize("undo", ["refund", "cancel"])
def test_a_confirmation_that_was_first_is_not_undone(undo: str) -> None:
    world = World()
    run(world, "reserve", "collect", "hear")

    def confirmation_first() -> None:
        world.bookings.before_save = lambda: None
        world.confirm()

    world.bookings.before_save = confirmation_first
    with pytest.raises(BookingStands):
        run(world, undo)
    assert world.now().status is BookingStatus.CONFIRMED


def test_a_refund_that_was_first_refuses_the_confirmation() -> None:
    world = World()
    run(world, "reserve", "collect", "hear")

    def refund_first() -> None:
        world.bookings.before_save = lambda: None
        world.refund()

    world.bookings.before_save = refund_first
    with pytest.raises(BookingIsOver):
        world.confirm()


def test_a_step_gives_up_when_others_always_write_first() -> None:
    world = World()

    def other() -> None:
        now = world.now()
        world.bookings.written.append(booking(version=now.version + 1))

    world.bookings.before_save = other
    with pytest.raises(ConcurrentUpdate):
        world.reserve()
