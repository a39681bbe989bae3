"""GET /v1/refunds?payment_intent=: pages of an intent's refunds, newest first."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.observability import observed
from payment_provider import bootstrap
from payment_provider.handlers.forms import read_form
from payment_provider.handlers.lists import ListForm
from payment_provider.handlers.shapes import list_body, refund_body, reply
from payment_provider.handlers.stripe import Asked, serve
from payment_provider.use_cases import cards


class RefundsForm(ListForm):
    payment_intent: str


def _list(asked: Asked) -> Response[str]:
    form = read_form(RefundsForm, asked.fields)
    page = cards.list_refunds(form.to_asked(), form.payment_intent, asked.call, ledger=bootstrap.ledger())
    bodies = (refund_body(refund) for refund in page.items)
    return reply(HTTPStatus.OK, list_body(asked.call.path, bodies, has_more=page.has_more))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(event, context, _list)
