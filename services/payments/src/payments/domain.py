"""What a payment is and how it may move. Standard library only."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import Money


class PaymentStatus(StrEnum):
    REQUESTED = "REQUESTED"
    CAPTURED = "CAPTURED"
    DECLINED = "DECLINED"
    REFUND_REQUESTED = "REFUND_REQUESTED"
    REFUNDED = "REFUNDED"
    VOIDED = "VOIDED"


# Every allowed move. A payment begins REQUESTED, or VOIDED when the refund comes before the charge. A refund
# that comes while the charge is under way waits in REFUND_REQUESTED until the charge's result is known.
MOVES: dict[PaymentStatus, set[PaymentStatus]] = {
    PaymentStatus.REQUESTED: {PaymentStatus.CAPTURED, PaymentStatus.DECLINED, PaymentStatus.REFUND_REQUESTED},
    PaymentStatus.CAPTURED: {PaymentStatus.REFUND_REQUESTED},
    PaymentStatus.REFUND_REQUESTED: {
        PaymentStatus.REFUND_REQUESTED,  # the charge turned out to be captured: now it can be given back
        PaymentStatus.DECLINED,
        PaymentStatus.REFUNDED,
    },
    PaymentStatus.DECLINED: set(),
    PaymentStatus.REFUNDED: set(),
    PaymentStatus.VOIDED: set(),
}
_OPEN = (PaymentStatus.REQUESTED, PaymentStatus.REFUND_REQUESTED)


class PaymentDeclined(DomainError):
    """The provider said no, for good; `detail` is the reason, fit for the customer."""

    code = "payment_declined"


class ReferenceVoided(DomainError):
    """The refund came before the charge: this reference is never charged."""

    code = "reference_voided"


class AmountDiffers(DomainError):
    """The reference is known with another amount: nothing is charged and nothing given back."""

    code = "amount_differs"


class UnknownPayment(DomainError):
    code = "unknown_payment"


class MoveNotAllowed(Exception):
    """A fault: the code tried a move that is not in the table."""


class ChargeInDoubt(Exception):
    """A fault: nobody knows whether the charge was made, and the provider may have forgotten its key."""


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """Somebody wants `amount` charged, or given back, for `reference`: the id of an order or a booking."""

    reference: str
    kind: str
    customer_id: str
    amount: Money
    payment_method: str
    correlation_id: str
    causation_id: str


@dataclass(frozen=True, slots=True)
class Payment:
    """The one payment of a reference. 0 <= refunded <= captured <= amount, in minor units."""

    reference: str
    kind: str
    customer_id: str
    amount: Money
    payment_method: str
    status: PaymentStatus
    requested_at: datetime
    changed_at: datetime
    correlation_id: str
    causation_id: str
    charge_id: str | None = None
    captured: int = 0
    refunded: int = 0
    reason: str | None = None
    version: int = 1

    @classmethod
    def begun(cls, request: PaymentRequest, status: PaymentStatus, at: datetime) -> Self:
        return cls(
            reference=request.reference,
            kind=request.kind,
            customer_id=request.customer_id,
            amount=request.amount,
            payment_method=request.payment_method,
            status=status,
            requested_at=at,
            changed_at=at,
            correlation_id=request.correlation_id,
            causation_id=request.causation_id,
        )

    @property
    def awaits_charge(self) -> bool:
        """The provider's answer to the charge is not written down yet."""
        return self.status in _OPEN and self.charge_id is None

    @property
    def awaits_refund(self) -> bool:
        """Captured, wanted back, and the provider's answer to that is not written down yet."""
        return self.status is PaymentStatus.REFUND_REQUESTED and self.charge_id is not None

    def must_be(self, amount: Money) -> None:
        """Raises AmountDiffers if somebody speaks of another amount than this payment's."""
        if amount != self.amount:
            raise AmountDiffers(f"{self.reference} is a payment of another amount")

    def capture(self, charge_id: str, at: datetime) -> "Payment":
        """The provider has charged. A payment that is wanted back stays so, and can now be refunded."""
        wanted_back = self.status is PaymentStatus.REFUND_REQUESTED
        status = self.status if wanted_back else PaymentStatus.CAPTURED
        return self._moved(status, at, charge_id=charge_id, captured=self.amount.minor)

    def decline(self, reason: str, at: datetime) -> "Payment":
        return self._moved(PaymentStatus.DECLINED, at, reason=reason)

    def want_back(self, causation_id: str, at: datetime) -> "Payment":
        return self._moved(PaymentStatus.REFUND_REQUESTED, at, causation_id=causation_id)

    def give_back(self, at: datetime) -> "Payment":
        return self._moved(PaymentStatus.REFUNDED, at, refunded=self.captured)

    def _moved(self, status: PaymentStatus, at: datetime, **changes: Any) -> "Payment":
        if status not in MOVES[self.status]:
            raise MoveNotAllowed(f"a payment that is {self.status} does not become {status}")
        return replace(self, status=status, changed_at=at, version=self.version + 1, **changes)
