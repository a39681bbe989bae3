"""What payments tells, on the FIFO topic, in order per payment reference."""

from enum import StrEnum
from typing import ClassVar

from jetbridge.contracts.envelope import Amount, EventData, Id


class PaymentKind(StrEnum):
    """Whose reference it is; subscribers filter by it."""

    ORDER = "order"
    BOOKING = "booking"


class PaymentEvent(EventData):
    """`reference` is the order's or booking's id."""

    source: ClassVar[str] = "jetbridge.payments"
    reference: Id
    kind: PaymentKind


class PaymentCaptured(PaymentEvent):
    """The money was taken, once."""

    total: Amount


class PaymentDeclined(PaymentEvent):
    """No money was taken; `reason` is for the customer."""

    reason: Id


class PaymentRefunded(PaymentEvent):
    """Money that was taken went back: `amount` this time, `total` with all that went back before.

    Told before parts could go back, it has no `amount`, and all went back at once.
    """

    total: Amount
    amount: Amount | None = None


class PaymentVoided(PaymentEvent):
    """A refund came before any charge: this reference will never be charged."""
