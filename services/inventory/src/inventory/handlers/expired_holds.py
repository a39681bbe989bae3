"""The schedule's tick: holds that have passed their time are given back."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from inventory import bootstrap
from inventory.use_cases.holding import expire_holds
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.deadlines import time_left
from jetbridge.runtime.observability import count, logger, observed


@observed
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    going_on = time_left(context)
    given_back = expire_holds(
        moment=utc_now(), going_on=going_on, stock=bootstrap.stock(), pause=bootstrap.pause
    )
    count("HoldsExpired", len(given_back))
    logger.info("holds expired", extra={"orders": [hold.order_id for hold in given_back]})
