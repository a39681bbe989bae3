"""Where the provider's books and ours differ, and which of it has a clear end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jetbridge.kernel.money import Money
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment

CONFIRMED_WITHIN = timedelta(days=1)
_KEPT = (PaymentStatus.CAPTURED, PaymentStatus.PARTLY_REFUNDED)  # all of the money, or some


class ChargeStatus(StrEnum):
    CAPTURED = "captured"
    DECLINED = "declined"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as the provider's books have it; `refunded` of it in minor units."""

    id: str
    reference: str | None
    amount: Money
    status: ChargeStatus
    refunded: int = 0
    reason: str | None = None


class Kind(StrEnum):
    """Every difference that there can be."""

    UNTOLD_RESULT = "untold_result"  # we do not know yet what became of the charge: written down
    UNDONE_REFUND = "undone_refund"  # what is wanted back was not given back: done
    NEVER_CHARGED = "never_charged"  # in doubt for longer than any key lives, and not in the books: declined
    STRAY_CHARGE = "stray_charge"  # besides a payment's own, or of one that was not to be charged: given back
    UNKNOWN_PAYMENT = "unknown_payment"  # charged for what is no payment of ours: for people
    MISSING_CHARGE = "missing_charge"  # captured by us, and the provider knows nothing of it: for people
    UNCONFIRMED = "unconfirmed"  # captured, kept for a day, and nobody says what for: for people
    UNPAID = "unpaid"  # confirmed, and nothing was captured: for people
    OTHER_AMOUNT = "other_amount"  # for people
    OTHER_REFUNDS = "other_refunds"  # given back more or less than we know: for people


def difference(charge: Charge, payment: Payment | None) -> Kind | None:
    """How a charge of the provider's differs from what we know of its reference."""
    if charge.status is ChargeStatus.OPEN:
        return None
    if payment and payment.awaits_charge:
        told = charge.status is ChargeStatus.DECLINED or charge.amount == payment.amount
        return Kind.UNTOLD_RESULT if told else Kind.OTHER_AMOUNT
    if payment and payment.charge_id == charge.id:
        return _of_own(charge, payment)
    keeps_money = charge.status is ChargeStatus.CAPTURED and charge.refunded < charge.amount.minor
    return (Kind.STRAY_CHARGE if payment else Kind.UNKNOWN_PAYMENT) if keeps_money else None


def _of_own(charge: Charge, payment: Payment) -> Kind | None:
    if charge.amount != payment.amount:
        return Kind.OTHER_AMOUNT
    if payment.awaits_refund:
        return Kind.UNDONE_REFUND
    return Kind.OTHER_REFUNDS if charge.refunded != payment.refunded else None


def against_owner(payment: Payment, until: datetime) -> Kind | None:
    """How a payment differs from what the order or booking says of it that it is for."""
    if payment.confirmed_at:
        return Kind.UNPAID if payment.captured == 0 else None
    kept = payment.status in _KEPT and payment.changed_at < until - CONFIRMED_WITHIN
    return Kind.UNCONFIRMED if kept else None
