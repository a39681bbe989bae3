"""GET /v1/payment_intents: pages of the intents, newest first."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed
from payment_provider import bootstrap
from payment_provider.handlers.forms import read_form
from payment_provider.handlers.lists import ListForm
from payment_provider.handlers.shapes import expanded, intent_body, list_body, reply
from payment_provider.handlers.stripe import Asked, serve
from payment_provider.use_cases import cards


def _list(asked: Asked) -> Response[str]:
    form = read_form(ListForm, asked.fields)
    page = cards.list_intents(form.to_asked(), asked.call, ledger=bootstrap.ledger())
    body = expanded if asked.fields.get("expand[]") == "data.latest_charge" else intent_body
    now = utc_now()
    bodies = (body(intent, now) for intent in page.items)
    return reply(HTTPStatus.OK, list_body(asked.call.path, bodies, has_more=page.has_more))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(event, context, _list)
