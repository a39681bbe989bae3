"""How an order may move: one table, used by the code, the tests and the documentation."""

from enum import StrEnum

from jetbridge.kernel.errors import DomainError


class OrderStatus(StrEnum):
    PLACED = "PLACED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class Fact(StrEnum):
    """What can happen to an order once it is placed."""

    STOCK_RESERVED = "stock_reserved"
    STOCK_REJECTED = "stock_rejected"
    HOLD_EXPIRED = "hold_expired"
    PAYMENT_CAPTURED = "payment_captured"
    PAYMENT_DECLINED = "payment_declined"
    CUSTOMER_CANCELLED = "customer_cancelled"
    OVERDUE = "overdue"  # nothing was heard for too long, though it was told again


# Every allowed move. A fact that is not listed changes nothing: it came late, twice or out of turn.
MOVES: dict[OrderStatus, dict[Fact, OrderStatus]] = {
    OrderStatus.PLACED: {
        Fact.STOCK_RESERVED: OrderStatus.AWAITING_PAYMENT,
        Fact.STOCK_REJECTED: OrderStatus.REJECTED,
        Fact.HOLD_EXPIRED: OrderStatus.CANCELLED,
        Fact.CUSTOMER_CANCELLED: OrderStatus.CANCELLED,
        Fact.OVERDUE: OrderStatus.CANCELLED,
    },
    OrderStatus.AWAITING_PAYMENT: {
        Fact.HOLD_EXPIRED: OrderStatus.CANCELLED,
        Fact.PAYMENT_CAPTURED: OrderStatus.CONFIRMED,
        Fact.PAYMENT_DECLINED: OrderStatus.CANCELLED,
        Fact.CUSTOMER_CANCELLED: OrderStatus.CANCELLED,
        Fact.OVERDUE: OrderStatus.CANCELLED,
    },
    OrderStatus.CONFIRMED: {
        Fact.HOLD_EXPIRED: OrderStatus.CANCELLED,  # the sale came too late for the hold: the stock is gone
        Fact.CUSTOMER_CANCELLED: OrderStatus.CANCELLED,
    },
    OrderStatus.REJECTED: {},
    OrderStatus.CANCELLED: {},
}


class MoveNotAllowed(DomainError):
    code = "move_not_allowed"
