"""The payment provider over HTTP: Stripe's PaymentIntents and Refunds, each call with its idempotency key.

Base URL and secret are all that tells the stand-in from Stripe itself.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import urllib3

from jetbridge.runtime.observability import logger, tracer
from jetbridge.runtime.secrets import Secret
from payments.domain import Payment, PaymentDeclined

_API_VERSION = "2024-06-20"

# Invalid requests that no repetition makes valid, by code and parameter; all others are our faults.
_REFUSALS = {
    ("resource_missing", "payment_method"): "unknown_payment_method",
    ("amount_too_small", "amount"): "amount_too_small",
    ("amount_too_large", "amount"): "amount_too_large",
}
# The provider asks not to tell these to the customer.
_CONFIDENTIAL = {"fraudulent", "lost_card", "merchant_blacklist", "pickup_card", "stolen_card"}

type Answer = Mapping[str, Any]


class ProviderFault(Exception):
    """No usable answer: the money may or may not have moved."""


class StripeProvider:
    """`secret` is the API key. Never retried here but after a 401, with the key fetched again."""

    def __init__(self, http: urllib3.PoolManager, base_url: str, secret: Secret) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._secret = secret

    @tracer.capture_method(capture_response=False)
    def charge(self, payment: Payment) -> str:
        status, answer = self._post(
            "/v1/payment_intents",
            f"{payment.reference}-charge",
            {
                "amount": payment.amount.minor,
                "currency": payment.amount.currency.lower(),
                "payment_method": payment.payment_method,
                "payment_method_types[]": "card",
                "confirm": "true",
                "error_on_requires_action": "true",
                "metadata[reference]": payment.reference,
            },
        )
        if status == HTTPStatus.OK and answer.get("status") == "succeeded":
            return str(answer["id"])
        if (reason := _reason(status, answer)) is not None:
            raise PaymentDeclined(reason)
        raise _fault(status, answer)

    @tracer.capture_method(capture_response=False)
    def refund(self, payment: Payment) -> None:
        status, answer = self._post(
            "/v1/refunds",
            f"{payment.reference}-refund",
            {
                "payment_intent": payment.charge_id,
                "amount": payment.captured,
                "metadata[reference]": payment.reference,
            },
        )
        succeeded = status == HTTPStatus.OK and answer.get("status") in ("succeeded", "pending")
        if not succeeded and _error(answer).get("code") != "charge_already_refunded":
            raise _fault(status, answer)

    def _post(self, path: str, key: str, fields: Mapping[str, Any]) -> tuple[int, Answer]:
        status, answer = self._send(path, key, fields, self._secret.value())
        if status == HTTPStatus.UNAUTHORIZED:
            logger.warning("provider refused the secret; fetched again")
            status, answer = self._send(path, key, fields, self._secret.fetched_again())
        return status, answer

    def _send(self, path: str, key: str, fields: Mapping[str, Any], secret: str) -> tuple[int, Answer]:
        response = self._http.request(
            "POST",
            self._base_url + path,
            body=urlencode(fields),
            headers={
                "Authorization": f"Bearer {secret}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Idempotency-Key": key,
                "Stripe-Version": _API_VERSION,
            },
            retries=False,
            redirect=False,
        )
        return response.status, _json(response.data)


def pool(connect_seconds: float, read_seconds: float) -> urllib3.PoolManager:
    """Connections with bounded waiting, kept between the invocations of an environment."""
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=connect_seconds, read=read_seconds))


def _json(data: bytes) -> Answer:
    """What is not a JSON object, a gateway's page for example, is an answer without content."""
    try:
        answer = json.loads(data)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _error(answer: Answer) -> Answer:
    error = answer.get("error")
    return error if isinstance(error, dict) else {}


def decline_reason(error: Answer) -> str:
    """Why a card was declined, fit for the customer."""
    reason = error.get("decline_code") or error.get("code") or "generic_decline"
    return "generic_decline" if reason in _CONFIDENTIAL else reason


def _reason(status: int, answer: Answer) -> str | None:
    """Why the card or the request is refused for good; None if it is not."""
    error = _error(answer)
    if status == HTTPStatus.PAYMENT_REQUIRED and error.get("type") == "card_error":
        return decline_reason(error)
    if status == HTTPStatus.BAD_REQUEST:
        return _REFUSALS.get((error.get("code", ""), error.get("param", "")))
    return None


def _fault(status: int, answer: Answer) -> ProviderFault:
    error = _error(answer)
    return ProviderFault(f"status {status}, type {error.get('type')}, code {error.get('code')}")
