"""What a payment is and how it may move."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from jetbridge.kernel.money import Money
from payments.domain.moves import MOVES, PaymentStatus
from payments.domain.refusals import AmountDiffers, MoveNotAllowed, RefundTooLarge

_OPEN = (PaymentStatus.REQUESTED, PaymentStatus.REFUND_REQUESTED)


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """Somebody wants `amount` charged, or given back, for `reference`: the id of an order or a booking.

    `amount` is always the payment's whole one; `part` says that no more than that goes back. `causation_id`
    names the request: asked for twice because of the same, it is given back once.
    """

    reference: str
    kind: str
    customer_id: str
    amount: Money
    payment_method: str
    correlation_id: str
    causation_id: str
    part: Money | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """`minor` units wanted back because of `causation_id`; `number` counts a payment's refunds from 1."""

    number: int
    causation_id: str
    minor: int
    asked_at: datetime
    given: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """The one payment of a reference, in minor units: 0 <= refunded <= captured <= amount.

    `refunds` are together no more than the amount; `refunded` is what was given of them.
    """

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
    refunds: tuple[Refund, ...] = ()
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

    @property
    def open_refunds(self) -> tuple[Refund, ...]:
        return tuple(refund for refund in self.refunds if not refund.given)

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

    def refund_for(self, request: PaymentRequest, at: datetime) -> Refund | None:
        """What is to be given back for the request; None if that is known already, or there is nothing.

        Raises AmountDiffers, RefundTooLarge.
        """
        known = next((it for it in self.refunds if it.causation_id == request.causation_id), None)
        if request.part and not self._can_be(request.part, known):
            raise AmountDiffers(f"a refund of {self.reference} is of another amount")
        if known or self.status in (PaymentStatus.DECLINED, PaymentStatus.VOIDED):
            return None
        left = self.amount.minor - sum(refund.minor for refund in self.refunds)
        minor = request.part.minor if request.part else left
        if minor > left:
            raise RefundTooLarge(f"{self.reference} has {left} minor units left to give back")
        return Refund(len(self.refunds) + 1, request.causation_id, minor, at) if minor else None

    def want_back(self, refund: Refund, at: datetime) -> "Payment":
        refunds = (*self.refunds, refund)
        return self._moved(
            PaymentStatus.REFUND_REQUESTED, at, refunds=refunds, causation_id=refund.causation_id
        )

    def give_back(self, at: datetime) -> "Payment":
        """The first of the open refunds was given."""
        if not self.awaits_refund:
            raise MoveNotAllowed(f"nothing of {self.reference} is to be given back")
        given = replace(self.open_refunds[0], given=True)
        refunds = tuple(given if it.number == given.number else it for it in self.refunds)
        refunded = self.refunded + given.minor
        status = PaymentStatus.REFUNDED if refunded == self.captured else PaymentStatus.PARTLY_REFUNDED
        if any(not refund.given for refund in refunds):
            status = PaymentStatus.REFUND_REQUESTED
        return self._moved(status, at, refunds=refunds, refunded=refunded, causation_id=given.causation_id)

    def _can_be(self, part: Money, known: Refund | None) -> bool:
        return part.currency == self.amount.currency and (known is None or known.minor == part.minor)

    def _moved(self, status: PaymentStatus, at: datetime, **changes: Any) -> "Payment":
        if status not in MOVES[self.status]:
            raise MoveNotAllowed(f"a payment that is {self.status} does not become {status}")
        return replace(self, status=status, changed_at=at, version=self.version + 1, **changes)
