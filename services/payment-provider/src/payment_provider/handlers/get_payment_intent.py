"""GET /v1/payment_intents/{id}: the intent as it is now."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed
from payment_provider import bootstrap
from payment_provider.handlers.shapes import intent_body, reply
from payment_provider.handlers.stripe import Asked, serve
from payment_provider.use_cases import cards


def _get(asked: Asked) -> Response[str]:
    intent = cards.get_intent(asked.call.path.rpartition("/")[2], asked.call, ledger=bootstrap.ledger())
    return reply(HTTPStatus.OK, intent_body(intent, utc_now()))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(event, context, _get)
