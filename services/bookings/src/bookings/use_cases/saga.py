"""The steps of the saga that change a booking, and the payment that it waits for.

Each reads the booking, asks it for a transition and writes that under a condition; a step that was taken
before, by an attempt whose answer was lost, changes nothing and succeeds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bookings.domain.bookings import Booking, BookingStatus, Step, Unsettled
from bookings.domain.payments import Payment
from bookings.ports import Bookings, WaitingSaga
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.contention import again
from jetbridge.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Cause:
    """Which booking, and the id of what leads to its change."""

    booking_id: str
    causation_id: str


def reserve_booking(
    cause: Cause, *, bookings: Bookings, clock: Clock, saga_version: int | None = None
) -> Booking:
    """The state machine has taken the seats; its version is kept with the booking. Raises BookingIsOver."""
    steps = (_step("Reserve Flight", "done", cause, clock), _step("Reserve Booking", "done", cause, clock))
    return change(cause, lambda it: it.reserve(*steps, saga_version=saga_version), bookings=bookings)


def collect_payment(
    cause: Cause, task_token: str, *, bookings: Bookings, waiting: WaitingSaga, clock: Clock
) -> Booking:
    """Keep the token, by which payments hears of the booking. Raises BookingIsOver.

    If the payment is known already, since an earlier attempt asked for it, the saga goes on at once.
    """
    step = _step("Collect Payment", "asked", cause, clock)
    booking = change(cause, lambda it: it.await_payment(task_token, step), bookings=bookings)
    if booking.payment is not None:
        _go_on(booking, waiting=waiting)
    return booking


def hear_payment(
    cause: Cause, payment: Payment, reason: str, *, bookings: Bookings, waiting: WaitingSaga, clock: Clock
) -> Booking:
    """Write down what payments tells, then let the saga go on. Raises NotFound for an unknown booking.

    Written first: if the saga cannot be told, the event comes again and finds it written.
    """
    name = "Collect Payment" if payment in (Payment.CAPTURED, Payment.DECLINED) else "Refund Payment"
    step = _step(name, f"{payment}: {reason}" if reason else payment, cause, clock)
    booking = change(cause, lambda it: it.hear_payment(payment, step), bookings=bookings)
    if booking.payment is payment:
        _go_on(booking, waiting=waiting)
    return booking


def confirm_booking(cause: Cause, *, bookings: Bookings, clock: Clock) -> Booking:
    """Raises BookingIsOver, PaymentMissing."""
    step = _step("Confirm Booking", "done", cause, clock)
    return change(cause, lambda booking: booking.confirm(step), bookings=bookings)


def refund_payment(cause: Cause, *, bookings: Bookings, clock: Clock) -> Booking:
    """Ask for the money back, also when it is unknown whether any was taken. Raises BookingStands."""
    step = _step("Refund Payment", "asked", cause, clock)
    return change(cause, lambda booking: booking.request_refund(step), bookings=bookings)


def cancel_booking(cause: Cause, *, reason: str, bookings: Bookings, clock: Clock) -> Booking:
    """Raises BookingStands."""
    step = _step("Cancel Booking", reason, cause, clock)
    return change(cause, lambda booking: booking.undo(reason, step), bookings=bookings)


def settle_booking(cause: Cause, missing: Mapping[str, str], *, bookings: Bookings, clock: Clock) -> Booking:
    """Write down what an undoing could not do, errors by compensation; none clears it. Raises NotFound."""
    unsettled = tuple(Unsettled(name, error, clock()) for name, error in missing.items())
    return change(cause, lambda booking: booking.settle(unsettled), bookings=bookings)


def _go_on(booking: Booking, *, waiting: WaitingSaga) -> None:
    """Tell the saga that waits. One that waits no more has failed meanwhile, and asks for the money back."""
    if booking.status is not BookingStatus.AWAITING_PAYMENT or booking.task_token is None:
        return
    if booking.payment is Payment.CAPTURED:
        waiting.resume(booking.task_token)
    else:
        waiting.decline(booking.task_token, booking.steps[-1].outcome)


def change(cause: Cause, transition: Callable[[Booking], Booking], *, bookings: Bookings) -> Booking:
    """Read, move, write. Raises NotFound, ConcurrentUpdate if others always wrote first, and refusals."""

    def attempt() -> Booking:
        booking = bookings.get(cause.booking_id)
        if booking is None:
            raise NotFound(f"There is no booking {cause.booking_id}.")
        changed = transition(booking)
        if changed is not booking:
            bookings.save(changed)
        return changed

    return again(attempt)


def _step(name: str, outcome: str, cause: Cause, clock: Clock) -> Step:
    return Step(name, outcome, clock(), cause.causation_id)
