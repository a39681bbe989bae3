"""What payments refuses, and the faults that it names."""

from jetbridge.kernel.errors import DomainError


class PaymentDeclined(DomainError):
    """The provider said no, for good; `detail` is the reason, fit for the customer."""

    code = "payment_declined"


class ReferenceVoided(DomainError):
    """The refund came before the charge: this reference is never charged."""

    code = "reference_voided"


class AmountDiffers(DomainError):
    """The reference, or the refund, is known with another amount: nothing is charged, nothing given back."""

    code = "amount_differs"


class RefundTooLarge(DomainError):
    """More is wanted back than is left of the payment: nothing is given back."""

    code = "refund_too_large"


class UnknownPayment(DomainError):
    code = "unknown_payment"


class MoveNotAllowed(Exception):
    """A fault: the code tried a move that is not in the table."""


class ChargeInDoubt(Exception):
    """A fault: nobody knows whether the charge was made, and the provider may have forgotten its key."""
