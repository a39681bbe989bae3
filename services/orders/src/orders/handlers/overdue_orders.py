"""The schedule's tick: orders that waited too long are told again, or cancelled."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.deadlines import time_left
from jetbridge.runtime.observability import count, logger, observed
from orders import bootstrap
from orders.domain.moves import OrderStatus
from orders.use_cases.overdue import pursue_overdue


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    settings = bootstrap.overdue_settings()
    pursued = pursue_overdue(
        moment=utc_now(),
        limits=settings.limits,
        going_on=time_left(context),
        causation_id=event["id"],
        lists=bootstrap.order_lists(),
        orders=bootstrap.orders(),
    )
    cancelled = [order for order in pursued if order.status is OrderStatus.CANCELLED]
    count("OrdersToldAgain", len(pursued) - len(cancelled))
    count("OrdersOverdue", len(cancelled))
    for order in pursued:
        told = {"order_id": order.order_id, "status": order.status, "correlation_id": order.correlation_id}
        logger.warning("order overdue", extra=told | {"because": order.history[-1].because})
