"""What states a payment has, and how it may go from one to another."""

from enum import StrEnum


class PaymentStatus(StrEnum):
    REQUESTED = "REQUESTED"
    CAPTURED = "CAPTURED"
    DECLINED = "DECLINED"
    REFUND_REQUESTED = "REFUND_REQUESTED"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"
    REFUNDED = "REFUNDED"
    VOIDED = "VOIDED"


# Every allowed move. A payment begins REQUESTED, or VOIDED when the refund comes before the charge. A refund
# that comes while the charge is under way waits in REFUND_REQUESTED until the charge's result is known; so
# does one that comes while another refund is. What rests PARTLY_REFUNDED may be given back further.
MOVES: dict[PaymentStatus, set[PaymentStatus]] = {
    PaymentStatus.REQUESTED: {PaymentStatus.CAPTURED, PaymentStatus.DECLINED, PaymentStatus.REFUND_REQUESTED},
    PaymentStatus.CAPTURED: {PaymentStatus.REFUND_REQUESTED},
    PaymentStatus.REFUND_REQUESTED: {
        PaymentStatus.REFUND_REQUESTED,  # captured after all, one more part wanted, or one of several given
        PaymentStatus.DECLINED,
        PaymentStatus.PARTLY_REFUNDED,
        PaymentStatus.REFUNDED,
    },
    PaymentStatus.PARTLY_REFUNDED: {PaymentStatus.REFUND_REQUESTED},
    PaymentStatus.DECLINED: set(),
    PaymentStatus.REFUNDED: set(),
    PaymentStatus.VOIDED: set(),
}
