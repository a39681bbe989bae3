"""A booking and its moves: the saga makes it CONFIRMED or FAILED, its passenger may cancel it then."""

from dataclasses import dataclass, replace
from datetime import datetime

from bookings.domain.life import MOVES, BookingStatus, Step, Unsettled
from bookings.domain.payments import PAYMENT_MOVES, Payment
from bookings.domain.refusals import (
    BookingIsOver,
    BookingStands,
    MoveNotAllowed,
    NotConfirmed,
    PaymentMissing,
)
from jetbridge.kernel.money import Money

__all__ = ["MAX_SEATS", "MOVES", "Booking", "BookingStatus", "Step", "Unsettled"]

MAX_SEATS = 9
GROUP_FAILED = "group_failed"


@dataclass(frozen=True, slots=True)
class Booking:
    """`version` counts the changes, `task_token` resumes the saga that waits for the payment.

    `refund_requested` is the point of no return: from there on the booking can only be undone.
    `refund_due` is there once its passenger has cancelled it: so much of the price goes back.
    `pickup` is where an airport transfer is wanted from, `unsettled` what an undoing could not do yet.
    `withdrawn` says that its group has given it up, with all of the price if it was confirmed.
    `settled`: an undoing came to its end and wrote down what it could not do.
    Every transition may be asked for again; it then returns the very same booking.
    """

    booking_id: str
    customer_id: str
    flight_id: str
    seats: int
    total: Money
    payment_method: str
    correlation_id: str
    created_at: datetime
    status: BookingStatus = BookingStatus.PENDING
    steps: tuple[Step, ...] = ()
    payment: Payment | None = None
    task_token: str | None = None
    refund_requested: bool = False
    refund_due: Money | None = None
    reason: str | None = None
    pickup: str | None = None
    unsettled: tuple[Unsettled, ...] = ()
    pursued_until: datetime | None = None
    group_id: str | None = None
    withdrawn: bool = False
    settled: bool = False
    saga_version: int | None = None
    version: int = 1

    @property
    def stands(self) -> bool:
        """Confirmed, and neither cancelled by its passenger nor given up by its group."""
        return self.status is BookingStatus.CONFIRMED and self.refund_due is None

    @property
    def kept(self) -> Money | None:
        """What its passenger pays for nothing since they cancelled: captured is refunded and kept."""
        if self.refund_due is None:
            return None
        return Money(self.total.minor - self.refund_due.minor, self.total.currency)

    @property
    def has_ended(self) -> bool:
        """Its saga has come to an end, and nothing of it is being undone."""
        return self.stands or not MOVES[self.status]

    def reserve(self, *steps: Step, saga_version: int | None = None) -> "Booking":
        """The seats are taken, by a saga of this version. Raises BookingIsOver."""
        self._require_going_on()
        known = replace(self, saga_version=saga_version)
        return known._move(BookingStatus.RESERVED, *steps) if self.status is BookingStatus.PENDING else self

    def ask_transfer(self, step: Step) -> "Booking":
        """The transfer's partner is asked, or has answered. Raises BookingIsOver."""
        self._require_going_on()
        return self._note(step)

    def cancel_transfer(self, step: Step) -> "Booking":
        """The partner has cancelled. Raises BookingStands."""
        self._require_no_longer_standing()
        return self._note(step)

    def await_payment(self, task_token: str, step: Step) -> "Booking":
        """The saga waits under `task_token`; a repeated attempt waits under another. Raises BookingIsOver."""
        self._require_going_on()
        if self.status is not BookingStatus.AWAITING_PAYMENT:
            return replace(self._move(BookingStatus.AWAITING_PAYMENT, step), task_token=task_token)
        if self.task_token == task_token:
            return self
        return replace(self, task_token=task_token, version=self.version + 1)

    def hear_payment(self, payment: Payment, step: Step) -> "Booking":
        """What payments told, whatever became of the booking meanwhile."""
        if payment not in PAYMENT_MOVES[self.payment]:
            return self
        return replace(self, payment=payment, steps=(*self.steps, step), version=self.version + 1)

    def confirm(self, step: Step) -> "Booking":
        """Raises BookingIsOver, PaymentMissing."""
        self._require_going_on()
        if self.payment is not Payment.CAPTURED:
            raise PaymentMissing("no payment of this booking is captured")
        return self if self.status is BookingStatus.CONFIRMED else self._move(BookingStatus.CONFIRMED, step)

    def ask_cancellation(self, refund: Money, step: Step) -> "Booking":
        """The passenger gives the booking back; the first `refund` asked with counts. Raises NotConfirmed."""
        if self.refund_due is not None:
            return self
        if self.status is not BookingStatus.CONFIRMED:
            raise NotConfirmed(f"A booking that is {self.status} cannot be cancelled.")
        return replace(self, refund_due=refund, steps=(*self.steps, step), version=self.version + 1)

    def request_refund(self, step: Step) -> "Booking":
        """Whatever was or may yet be taken goes back, or what is due to who cancels. Raises BookingStands."""
        self._require_no_longer_standing()
        if self.refund_requested or (self.refund_due is not None and self.refund_due.minor == 0):
            return self
        return replace(self, refund_requested=True, steps=(*self.steps, step), version=self.version + 1)

    def undo(self, reason: str, step: Step) -> "Booking":
        """FAILED, or CANCELLED by its passenger, who reads `reason`. Raises BookingStands."""
        self._require_no_longer_standing()
        if not MOVES[self.status]:
            return self
        end = BookingStatus.FAILED if self.refund_due is None else BookingStatus.CANCELLED
        return replace(self._move(end, step), reason=GROUP_FAILED if self.withdrawn else reason)

    def settle(self, missing: tuple[Unsettled, ...]) -> "Booking":
        """An undoing has ended. What it left to do may be nothing; the first time of a failure is kept."""
        known = {(it.compensation, it.error): it for it in self.unsettled}
        unsettled = tuple(known.get((it.compensation, it.error), it) for it in missing)
        if self.settled and unsettled == self.unsettled:
            return self
        return replace(self, unsettled=unsettled, settled=True, version=self.version + 1)

    def _note(self, step: Step) -> "Booking":
        if any((it.name, it.outcome) == (step.name, step.outcome) for it in self.steps):
            return self
        return replace(self, steps=(*self.steps, step), version=self.version + 1)

    def _move(self, status: BookingStatus, *steps: Step) -> "Booking":
        if status not in MOVES[self.status]:
            raise MoveNotAllowed(f"a booking that is {self.status} does not become {status}")
        return replace(self, status=status, steps=(*self.steps, *steps), version=self.version + 1)

    def _require_going_on(self) -> None:
        if self.refund_requested or not MOVES[self.status]:
            raise BookingIsOver(f"this booking is {self.status} or about to fail")

    def _require_no_longer_standing(self) -> None:
        if self.stands:
            raise BookingStands("this booking is confirmed")
