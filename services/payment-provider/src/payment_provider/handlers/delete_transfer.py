"""DELETE /v1/transfers/{reference}: cancel a transfer, also one that is yet to be asked for."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.observability import observed
from payment_provider import bootstrap
from payment_provider.handlers.shapes import reply, transfer_body
from payment_provider.handlers.stripe import Asked, serve
from payment_provider.use_cases.transfers import cancel_transfer


def _delete(asked: Asked) -> Response[str]:
    transfer = cancel_transfer(
        asked.call.path.rpartition("/")[2],
        asked.call,
        transfers=bootstrap.transfers(),
        ledger=bootstrap.ledger(),
    )
    return reply(HTTPStatus.OK, transfer_body(transfer))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(event, context, _delete)
