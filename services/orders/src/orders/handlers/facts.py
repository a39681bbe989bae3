"""What other services tell, as facts about an order."""

from collections.abc import Callable
from typing import Any

from jetbridge.contracts.envelope import Envelope, EventData
from jetbridge.contracts.inventory import StockHoldExpired, StockRejected, StockReserved
from jetbridge.contracts.payments import PaymentCaptured, PaymentDeclined
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import count, logger
from orders import bootstrap
from orders.domain.moves import Fact
from orders.use_cases import orders as use_cases

type About = Callable[[Any], tuple[str, Fact, str | None]]

# Event -> order id, fact, reason. Exactly what the rule and the subscription let through.
_ABOUT: dict[type[EventData], About] = {
    StockReserved: lambda told: (told.order_id, Fact.STOCK_RESERVED, None),
    StockRejected: lambda told: (told.order_id, Fact.STOCK_REJECTED, told.reason),
    StockHoldExpired: lambda told: (told.order_id, Fact.HOLD_EXPIRED, None),
    PaymentCaptured: lambda told: (told.reference, Fact.PAYMENT_CAPTURED, None),
    PaymentDeclined: lambda told: (told.reference, Fact.PAYMENT_DECLINED, told.reason),
}


def record(event: Envelope[Any]) -> None:
    """Move the order that the event is about; an event out of turn is counted and changes nothing."""
    about = _ABOUT.get(type(event.data))
    if about is None:
        return
    order_id, fact, reason = about(event.data)
    moved = use_cases.record_fact(
        order_id,
        fact,
        causation_id=event.metadata.event_id,
        reason=reason,
        orders=bootstrap.orders(),
        clock=utc_now,
    )
    count(f"Orders{moved.status.title().replace('_', '')}" if moved else "MovesNotAllowed")
    logger.info("fact recorded" if moved else "fact out of turn", extra={"order_id": order_id, "fact": fact})
