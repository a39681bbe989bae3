"""POST /payments/webhooks/provider: what the provider tells unasked; a payment in doubt comes to its end."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.errors import DomainError
from jetbridge.runtime.http import Body, answer, api, serve
from jetbridge.runtime.idempotency import Request, answer_once
from jetbridge.runtime.observability import correlate, count, logger, observed
from jetbridge.runtime.openapi import answers, takes
from jetbridge.runtime.problems import problem
from payments import bootstrap
from payments.adapters.webhooks import ProviderEvent, SignatureRefused, UnknownEvent, read_event, verify
from payments.domain.refusals import AmountDiffers, UnknownPayment
from payments.ports import ProviderUnavailable
from payments.use_cases.payments import hear_provider

_REFUSALS = (SignatureRefused, UnknownEvent, UnknownPayment, AmountDiffers)
_KEEP_SECONDS = 30 * 24 * 3600  # the provider sends an event again for three days, by hand for thirty

app = api(dict.fromkeys(_REFUSALS, HTTPStatus.BAD_REQUEST))


class HeardView(Body):
    received: bool = True


@app.post(
    "/payments/webhooks/provider",
    responses=answers(HTTPStatus.OK, HeardView),
    openapi_extensions=takes("application/json", {"type": "object"}),
)
def post_event() -> Response[str]:
    """Each event is heard once; a refused one leaves no trace but its count."""
    body = app.current_event.decoded_body or ""
    signature = app.current_event.headers.get("Stripe-Signature")
    try:
        verify(signature, body, bootstrap.webhook_secret().value(), utc_now())
        return _hear_once(read_event(body))
    except DomainError as refusal:
        count("ProviderEventsRefused")
        logger.warning("refused", code=refusal.code)
        raise


def _hear_once(event: ProviderEvent) -> Response[str]:
    return answer_once(
        Request("event", "provider", event.id, {"type": event.type, "object": event.data.object.id}),
        lambda: _hear(event),
        records=bootstrap.heard_events(),
        keep_seconds=_KEEP_SECONDS,
        context=app.lambda_context,
    )


@app.exception_handler(ProviderUnavailable)
def unavailable(it: ProviderUnavailable) -> Response[str]:
    """What was heard is written down; what is to be asked because of it waits for the event to come again."""
    refusal = problem(HTTPStatus.SERVICE_UNAVAILABLE, "provider_unavailable", "Tell it again later.")
    refusal.headers["Retry-After"] = str(it.retry_in)
    return refusal


def _hear(event: ProviderEvent) -> Response[str]:
    news = event.to_news()
    payment = hear_provider(news, payments=bootstrap.payments(), provider=bootstrap.provider(), clock=utc_now)
    correlate(payment.correlation_id)
    count("ProviderEventsHeard")
    logger.info("heard", reference=payment.reference, told=news.kind, status=payment.status)
    return answer(HTTPStatus.OK, HeardView())


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return serve(app, event, context, allow_origin=bootstrap.webhook_settings().allow_origin)
