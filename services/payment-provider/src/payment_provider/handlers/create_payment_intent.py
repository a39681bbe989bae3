"""POST /v1/payment_intents: confirmed at once, charged or declined or worse, as the payment method says."""

import time
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, StringConstraints

from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.money import Money
from jetbridge.runtime.observability import observed
from payment_provider import bootstrap
from payment_provider.handlers.forms import Form, read_form
from payment_provider.handlers.shapes import created_intent
from payment_provider.handlers.stripe import Asked, serve
from payment_provider.use_cases import cards

MAX_AMOUNT = 99_999_999  # minor units, eight digits, as Stripe


class IntentForm(Form):
    amount: Annotated[int, Field(ge=1, le=MAX_AMOUNT)]
    currency: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z]{3}$", to_upper=True)]
    payment_method: str
    confirm: Literal["true"]


def _create(asked: Asked) -> Response[str]:
    form = read_form(IntentForm, asked.fields)
    amount = Money(form.amount, form.currency)
    intent = cards.create_intent(
        cards.ChargeAsked(asked.key, amount, form.payment_method, asked.metadata),
        asked.call,
        ledger=bootstrap.ledger(),
        sleep=time.sleep,
    )
    return created_intent(intent, utc_now())


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(event, context, _create)
