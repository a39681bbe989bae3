"""The money of a booking, as the payments service tells it."""

from enum import StrEnum


class Payment(StrEnum):
    """What payments told of a booking's money."""

    CAPTURED = "captured"
    DECLINED = "declined"
    REFUNDED = "refunded"
    VOIDED = "voided"


# What payments can tell next. Anything else is told for the second time.
PAYMENT_MOVES: dict[Payment | None, frozenset[Payment]] = {
    None: frozenset({Payment.CAPTURED, Payment.DECLINED, Payment.VOIDED}),
    Payment.CAPTURED: frozenset({Payment.REFUNDED}),
    Payment.DECLINED: frozenset(),
    Payment.REFUNDED: frozenset(),
    Payment.VOIDED: frozenset(),
}
