"""Stripe's JSON: what the stand-in answers."""

import json
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types

from payment_provider.domain.cards import Intent, InvalidRequest, Refund
from payment_provider.domain.transfers import Transfer


def intent_body(intent: Intent, now: datetime) -> dict[str, Any]:
    declined = intent.decline_code is not None
    settled = intent.is_settled(now)
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount.minor,
        "amount_received": 0 if declined or not settled else intent.amount.minor,
        "capture_method": "automatic",
        "created": int(intent.created.timestamp()),
        "currency": intent.amount.currency.lower(),
        "last_payment_error": _card_error(intent) if declined else None,
        "latest_charge": _charge_id(intent.id),
        "livemode": False,
        "metadata": dict(intent.metadata),
        "payment_method": None if declined else intent.payment_method,
        "payment_method_types": ["card"],
        "status": "requires_payment_method" if declined else "succeeded" if settled else "processing",
    }


def expanded(intent: Intent, now: datetime) -> dict[str, Any]:
    """With the charge itself in it, as `expand[]=data.latest_charge` asks."""
    charge = {
        "id": _charge_id(intent.id),
        "object": "charge",
        "amount": intent.amount.minor,
        "amount_refunded": intent.refunded,
    }
    return intent_body(intent, now) | {"latest_charge": charge}


def list_body(path: str, data: Iterable[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    return {"object": "list", "url": path, "has_more": has_more, "data": list(data)}


def event_body(intent: Intent, now: datetime) -> dict[str, Any]:
    """What became of the intent, as a webhook tells it; always the same event."""
    return {
        "id": intent.id.replace("pi_", "evt_", 1),
        "object": "event",
        "created": int(now.timestamp()),
        "livemode": False,
        "type": "payment_intent.payment_failed" if intent.decline_code else "payment_intent.succeeded",
        "data": {"object": intent_body(intent, now)},
    }


def _charge_id(intent_id: str) -> str:
    return intent_id.replace("pi_", "ch_", 1)


def refund_body(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount.minor,
        "charge": _charge_id(refund.intent_id),
        "created": int(refund.created.timestamp()),
        "currency": refund.amount.currency.lower(),
        "metadata": dict(refund.metadata),
        "payment_intent": refund.intent_id,
        "reason": None,
        "status": "succeeded",
    }


def created_intent(intent: Intent, now: datetime) -> Response[str]:
    """A declined intent is answered as an error that holds the intent."""
    if intent.decline_code is None:
        return reply(HTTPStatus.OK, intent_body(intent, now))
    error = {**_card_error(intent), "payment_intent": intent_body(intent, now)}
    return reply(HTTPStatus.PAYMENT_REQUIRED, {"error": error})


def _card_error(intent: Intent) -> dict[str, Any]:
    return {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": intent.decline_code,
        "message": "Your card was declined.",
    }


def invalid(refusal: InvalidRequest, status: HTTPStatus) -> Response[str]:
    return failure(
        status, "invalid_request_error", refusal.detail, code=refusal.stripe_code, param=refusal.param
    )


def failure(status: HTTPStatus, kind: str, message: str, **more: str | None) -> Response[str]:
    known = {name: value for name, value in more.items() if value is not None}
    return reply(status, {"error": {"type": kind, "message": message, **known}})


def reply(status: HTTPStatus, body: dict[str, Any]) -> Response[str]:
    return Response(int(status), content_types.APPLICATION_JSON, json.dumps(body))


def transfer_body(transfer: Transfer) -> dict[str, Any]:
    return {"object": "transfer", "reference": transfer.reference, "status": transfer.status}
