"""What an order is and how it may move. Standard library only."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import add

from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import Money

MAX_ITEMS = 99
MAX_QUANTITY = 10_000
MAX_AMOUNT_MINOR = 99_999_999  # what the card processor charges at most, in any currency


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


# Every allowed move. A fact that is not listed changes nothing: it came late, twice or out of turn.
MOVES: dict[OrderStatus, dict[Fact, OrderStatus]] = {
    OrderStatus.PLACED: {
        Fact.STOCK_RESERVED: OrderStatus.AWAITING_PAYMENT,
        Fact.STOCK_REJECTED: OrderStatus.REJECTED,
        Fact.HOLD_EXPIRED: OrderStatus.CANCELLED,
        Fact.CUSTOMER_CANCELLED: OrderStatus.CANCELLED,
    },
    OrderStatus.AWAITING_PAYMENT: {
        Fact.HOLD_EXPIRED: OrderStatus.CANCELLED,
        Fact.PAYMENT_CAPTURED: OrderStatus.CONFIRMED,
        Fact.PAYMENT_DECLINED: OrderStatus.CANCELLED,
        Fact.CUSTOMER_CANCELLED: OrderStatus.CANCELLED,
    },
    OrderStatus.CONFIRMED: {
        Fact.HOLD_EXPIRED: OrderStatus.CANCELLED,  # the sale came too late for the hold: the stock is gone
        Fact.CUSTOMER_CANCELLED: OrderStatus.CANCELLED,
    },
    OrderStatus.REJECTED: {},
    OrderStatus.CANCELLED: {},
}


class InvalidOrder(DomainError):
    code = "invalid_order"


class MoveNotAllowed(DomainError):
    code = "move_not_allowed"


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Item:
    product_id: str
    quantity: int
    price: Money


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of the history: the status it came to, when, why, and the event or request behind it."""

    status: OrderStatus
    at: datetime
    because: str
    causation_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """`version` counts the changes; `reason` says why an order ended without stock or money."""

    order_id: str
    customer_id: str
    items: tuple[Item, ...]
    payment_method: str
    comment: str | None
    correlation_id: str
    history: tuple[Step, ...]
    reason: str | None = None
    version: int = 1

    @property
    def status(self) -> OrderStatus:
        return self.history[-1].status

    @property
    def placed_at(self) -> datetime:
        return self.history[0].at

    @property
    def total(self) -> Money:
        return total_of(self.items)

    def heard(self, fact: Fact, *, at: datetime, causation_id: str, reason: str | None = None) -> "Order":
        """The order after `fact`. Raises MoveNotAllowed if its status has no such move."""
        status = MOVES[self.status].get(fact)
        if status is None:
            raise MoveNotAllowed(f"an order that is {self.status} does not move on {fact}")
        step = Step(status, at, reason or fact, causation_id)
        ended_badly = status in (OrderStatus.REJECTED, OrderStatus.CANCELLED)
        return replace(
            self,
            history=(*self.history, step),
            reason=step.because if ended_badly else None,
            version=self.version + 1,
        )


def total_of(items: tuple[Item, ...]) -> Money:
    return reduce(add, (item.price * item.quantity for item in items))


def place(
    *,
    order_id: str,
    customer_id: str,
    items: tuple[Item, ...],
    payment_method: str,
    comment: str | None,
    at: datetime,
    correlation_id: str,
) -> Order:
    """A new order. Raises InvalidOrder for no items, too many, or a total that nobody can be charged."""
    if not 1 <= len(items) <= MAX_ITEMS:
        raise InvalidOrder(f"an order has 1 to {MAX_ITEMS} items")
    if not 0 < total_of(items).minor <= MAX_AMOUNT_MINOR:
        raise InvalidOrder("the total must be more than nothing, and chargeable")
    placed = Step(OrderStatus.PLACED, at, "placed", correlation_id)
    return Order(order_id, customer_id, items, payment_method, comment, correlation_id, (placed,))
