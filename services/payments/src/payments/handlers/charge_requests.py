"""Charge requests, from PaymentRequestsQueue: each reference is charged once."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed
from payments import bootstrap
from payments.domain.payments import Payment, PaymentRequest
from payments.handlers.requests import consume_requests
from payments.use_cases import charge_payment


def _charge(request: PaymentRequest) -> Payment:
    return charge_payment(
        request, payments=bootstrap.payments(), provider=bootstrap.provider(), clock=utc_now
    )


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return consume_requests(event, context, _charge)
