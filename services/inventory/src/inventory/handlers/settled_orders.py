"""OrderConfirmed and OrderCancelled, from this service's own queue: a hold is sold, or given back."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.domain.levels import Cause
from inventory.use_cases.holding import release_hold, sell_hold
from jetbridge.contracts.envelope import Envelope
from jetbridge.contracts.orders import OrderCancelled, OrderConfirmed
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import count, logger, observed
from jetbridge.runtime.queues import consume_events


def settle(event: Envelope[Any]) -> None:
    """An event out of turn changes nothing: the hold was settled before."""
    order, told = event.data, event.metadata
    stock, pause = bootstrap.stock(), bootstrap.pause
    match order:
        case OrderConfirmed():
            cause = Cause(order.order_id, told.correlation_id, told.event_id, utc_now())
            settled = sell_hold(
                order.order_id, confirmed_at=told.occurred_at, cause=cause, stock=stock, pause=pause
            )
        case OrderCancelled():
            cause = Cause(order.order_id, told.correlation_id, told.event_id, utc_now())
            settled = release_hold(order.order_id, cause=cause, stock=stock, pause=pause)
        case _:
            return
    status = settled.status if settled else "UNCHANGED"
    count(f"Holds{status.title()}")
    logger.info("hold settled", extra={"order_id": order.order_id, "hold": status})


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return consume_events(
        event, context, settle, dead_letters=bootstrap.dead_letters(), redelivery=bootstrap.redelivery()
    )
