"""A booking and its moves: the saga makes it CONFIRMED or FAILED, its passenger may cancel it then."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bookings.domain.payments import PAYMENT_MOVES, Payment
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import Money

MAX_SEATS = 9


class BookingIsOver(DomainError):
    """The booking has failed, was cancelled, or is being undone: what comes now comes too late."""

    code = "booking_is_over"


class BookingStands(DomainError):
    """The booking is confirmed: what undoes a failed one must not touch it."""

    code = "booking_stands"


class MoveNotAllowed(DomainError):
    code = "move_not_allowed"


class IdempotencyKeyReused(DomainError):
    """The same key asked for another booking before."""

    code = "idempotency_key_reused"


class PaymentMissing(DomainError):
    code = "payment_missing"


class BookingStatus(StrEnum):
    PENDING = "PENDING"
    RESERVED = "RESERVED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


MOVES: dict[BookingStatus, frozenset[BookingStatus]] = {
    BookingStatus.PENDING: frozenset({BookingStatus.RESERVED, BookingStatus.FAILED}),
    BookingStatus.RESERVED: frozenset({BookingStatus.AWAITING_PAYMENT, BookingStatus.FAILED}),
    BookingStatus.AWAITING_PAYMENT: frozenset({BookingStatus.CONFIRMED, BookingStatus.FAILED}),
    BookingStatus.CONFIRMED: frozenset({BookingStatus.CANCELLED}),
    BookingStatus.FAILED: frozenset(),
    BookingStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, as the passenger sees it: the saga's state, its outcome, and what it came from."""

    name: str
    outcome: str
    at: datetime
    causation_id: str


@dataclass(frozen=True, slots=True)
class Booking:
    """`version` counts the changes, `task_token` resumes the saga that waits for the payment.

    `refund_requested` is the point of no return: from there on the booking can only fail.
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
    reason: str | None = None
    version: int = 1

    def reserve(self, *steps: Step) -> "Booking":
        """The seats are taken. Raises BookingIsOver."""
        self._require_going_on()
        return self._move(BookingStatus.RESERVED, *steps) if self.status is BookingStatus.PENDING else self

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

    def request_refund(self, step: Step) -> "Booking":
        """Whatever was or may yet be taken goes back. Raises BookingStands."""
        self._require_unconfirmed()
        if self.refund_requested:
            return self
        return replace(self, refund_requested=True, steps=(*self.steps, step), version=self.version + 1)

    def fail(self, reason: str, step: Step) -> "Booking":
        """`reason` is for the passenger. Raises BookingStands."""
        self._require_unconfirmed()
        if not MOVES[self.status]:
            return self
        return replace(self._move(BookingStatus.FAILED, step), reason=reason)

    def _move(self, status: BookingStatus, *steps: Step) -> "Booking":
        if status not in MOVES[self.status]:
            raise MoveNotAllowed(f"a booking that is {self.status} does not become {status}")
        return replace(self, status=status, steps=(*self.steps, *steps), version=self.version + 1)

    def _require_going_on(self) -> None:
        if self.refund_requested or not MOVES[self.status]:
            raise BookingIsOver(f"this booking is {self.status} or about to fail")

    def _require_unconfirmed(self) -> None:
        if self.status is BookingStatus.CONFIRMED:
            raise BookingStands("this booking is confirmed")
