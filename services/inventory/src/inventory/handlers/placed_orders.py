"""OrderPlaced, from this service's own queue: every line is held, or the order rejected."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.domain.cells import location_name
from inventory.domain.holds import TakingRule
from inventory.domain.levels import Cause
from inventory.use_cases.holding import hold_stock
from jetbridge.contracts.envelope import Envelope
from jetbridge.contracts.orders import OrderPlaced
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import count, logger, observed
from jetbridge.runtime.queues import consume_events


def hold(event: Envelope[Any]) -> None:
    order = event.data
    if not isinstance(order, OrderPlaced):
        return
    told = event.metadata
    held = hold_stock(
        order.order_id,
        ((line.product_id, line.quantity) for line in order.lines),
        keep=timedelta(minutes=bootstrap.hold_settings().hold_minutes),
        cause=Cause(order.order_id, told.correlation_id, told.event_id, utc_now()),
        stock=bootstrap.stock(),
        pause=bootstrap.pause,
        preferred=_preferred(order),
    )
    status = held.status if held else "KNOWN"
    count(f"Holds{status.title()}")
    logger.info("order heard", extra={"order_id": order.order_id, "hold": status})


def _preferred(order: OrderPlaced) -> str | None:
    """The location that the order is to be taken from first, if the stage's rule asks for one."""
    if bootstrap.hold_settings().hold_rule is not TakingRule.PREFERRED_LOCATION_FIRST:
        return None
    return location_name(order.preferred_location or "")


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return consume_events(
        event, context, hold, dead_letters=bootstrap.dead_letters(), redelivery=bootstrap.redelivery()
    )
