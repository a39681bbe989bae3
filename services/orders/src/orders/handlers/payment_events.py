"""Payment events, from this service's own queue: each moves one order on, or changes nothing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.observability import observed
from jetbridge.runtime.queues import consume_events
from orders import bootstrap
from orders.handlers.facts import record


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return consume_events(event, context, record, dead_letters=bootstrap.dead_letters())
