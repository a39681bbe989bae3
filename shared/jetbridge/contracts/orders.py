"""What orders tells."""

from typing import Annotated, ClassVar

from pydantic import Field

from jetbridge.contracts.envelope import Amount, Contract, EventData, Id


class OrderLine(Contract):
    product_id: Id
    quantity: Annotated[int, Field(ge=1)]
    unit_price: Amount


class OrderEvent(EventData):
    source: ClassVar[str] = "jetbridge.orders"
    order_id: Id
    customer_id: Id


class OrderPlaced(OrderEvent):
    """A customer asks for products; inventory holds every line or none, best from `preferred_location`."""

    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1)]
    total: Amount
    preferred_location: Id | None = None


class OrderAwaitingPayment(OrderEvent):
    """The stock is held; payments charges `total` once."""

    total: Amount
    payment_method: Id


class OrderConfirmed(OrderEvent):
    """Paid: the hold becomes a sale."""

    total: Amount


class OrderCancelled(OrderEvent):
    """Not to be, or no longer to be: the hold is released, and money that was taken is given back."""

    total: Amount
    reason: Id
