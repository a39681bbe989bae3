"""POST /v1/refunds: give back some of a charge, or all that is left of it."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from jetbridge.runtime.observability import observed
from payment_provider import bootstrap
from payment_provider.handlers.forms import Form, read_form
from payment_provider.handlers.shapes import refund_body, reply
from payment_provider.handlers.stripe import Asked, serve
from payment_provider.use_cases import cards


class RefundForm(Form):
    payment_intent: str
    amount: Annotated[int, Field(ge=1)] | None = None


def _create(asked: Asked) -> Response[str]:
    form = read_form(RefundForm, asked.fields)
    refund = cards.create_refund(
        cards.RefundAsked(asked.key, form.payment_intent, form.amount, asked.metadata),
        asked.call,
        ledger=bootstrap.ledger(),
    )
    return reply(HTTPStatus.OK, refund_body(refund))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(event, context, _create)
