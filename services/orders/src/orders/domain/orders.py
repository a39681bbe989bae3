"""What an order is, and what becomes of it when something is heard. Standard library only."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import add

from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import Money
from orders.domain.moves import MOVES, Fact, MoveNotAllowed, OrderStatus

MAX_ITEMS = 99
TOLD_AGAIN = "told_again"
MAX_QUANTITY = 10_000
MAX_AMOUNT_MINOR = 99_999_999  # what the card processor charges at most, in any currency


class InvalidOrder(DomainError):
    code = "invalid_order"


class InvalidPeriod(DomainError):
    code = "invalid_period"


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
class OrderSummary:
    """What a list says of an order."""

    order_id: str
    status: OrderStatus
    total: Money
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """`version` counts the changes; `reason` says why an order ended without stock or money.

    `preferred_location` is a wish: where the products are best taken from.
    """

    order_id: str
    customer_id: str
    items: tuple[Item, ...]
    payment_method: str
    comment: str | None
    correlation_id: str
    history: tuple[Step, ...]
    reason: str | None = None
    preferred_location: str | None = None
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

    @property
    def summary(self) -> "OrderSummary":
        return OrderSummary(self.order_id, self.status, self.total, self.placed_at)

    @property
    def waiting_since(self) -> datetime | None:
        """Since when it waits to hear something; None for an order that waits for nothing."""
        return self.history[-1].at if Fact.OVERDUE in MOVES[self.status] else None

    @property
    def was_told_again(self) -> bool:
        return self.history[-1].because == TOLD_AGAIN

    def told_again(self, *, at: datetime, causation_id: str) -> "Order":
        """The order where it is, as a new version: what it waits for is asked for once more."""
        step = Step(self.status, at, TOLD_AGAIN, causation_id)
        return replace(self, history=(*self.history, step), version=self.version + 1)

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
    preferred_location: str | None = None,
) -> Order:
    """A new order. Raises InvalidOrder for no items, too many, or a total that nobody can be charged."""
    if not 1 <= len(items) <= MAX_ITEMS:
        raise InvalidOrder(f"an order has 1 to {MAX_ITEMS} items")
    total = total_of(items)
    if not 0 < total.minor <= MAX_AMOUNT_MINOR:
        most = Money(MAX_AMOUNT_MINOR, total.currency).amount
        raise InvalidOrder(f"an order costs more than nothing and at most {most} {total.currency}")
    placed = Step(OrderStatus.PLACED, at, "placed", correlation_id)
    return Order(
        order_id,
        customer_id,
        items,
        payment_method,
        comment,
        correlation_id,
        (placed,),
        preferred_location=preferred_location,
    )
