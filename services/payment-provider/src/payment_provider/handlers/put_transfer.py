"""PUT /v1/transfers/{reference}: ask for an airport transfer; asked again, how it stands."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import StringConstraints

from jetbridge.runtime.observability import observed
from payment_provider import bootstrap
from payment_provider.handlers.forms import Form, read_form
from payment_provider.handlers.shapes import reply, transfer_body
from payment_provider.handlers.stripe import Asked, serve
from payment_provider.use_cases.transfers import ask_transfer


class TransferForm(Form):
    pickup: Annotated[str, StringConstraints(min_length=1, max_length=255)]


def _put(asked: Asked) -> Response[str]:
    form = read_form(TransferForm, asked.fields)
    transfer = ask_transfer(
        asked.call.path.rpartition("/")[2],
        form.pickup,
        asked.call,
        transfers=bootstrap.transfers(),
        ledger=bootstrap.ledger(),
    )
    return reply(HTTPStatus.OK, transfer_body(transfer))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(event, context, _put)
