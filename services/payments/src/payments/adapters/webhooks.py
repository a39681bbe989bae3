"""What the provider sends unasked, in Stripe's form: signed, and one event of an object at a time."""

import hmac
import re
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field, ValidationError

from jetbridge.contracts.envelope import Id
from jetbridge.kernel.errors import DomainError
from payments.adapters.provider import decline_reason
from payments.adapters.stripe import StripeObject, from_stripe
from payments.ports import News, NewsKind

_SECONDS = re.compile(r"\d{1,11}", re.ASCII)

TOLERANCE = timedelta(minutes=5)

_KINDS = {
    "payment_intent.succeeded": NewsKind.CAPTURED,
    "payment_intent.payment_failed": NewsKind.DECLINED,
    "charge.refunded": NewsKind.REFUNDED,
}


class SignatureRefused(DomainError):
    """Altered, signed with another secret, or not of now."""

    code = "signature_refused"


class UnknownEvent(DomainError):
    """Signed, but nothing that this service was to be told of."""

    code = "unknown_event"


class _Metadata(StripeObject):
    reference: Id


class _Object(StripeObject):
    """A PaymentIntent, or for refunds its charge, which has the intent's metadata."""

    id: Id
    currency: str = Field(pattern=r"^[a-z]{3}$")
    metadata: _Metadata
    amount_received: int = Field(default=0, ge=0)
    amount_refunded: int = Field(default=0, ge=0)
    payment_intent: Id | None = None
    last_payment_error: dict[str, Any] | None = None


class _Data(StripeObject):
    object: _Object


class ProviderEvent(StripeObject):
    id: Id
    type: Id
    data: _Data

    def to_news(self) -> News:
        """Raises UnknownEvent."""
        told, kind = self.data.object, _KINDS.get(self.type)
        if kind is None:
            raise UnknownEvent(f"nobody asked to be told of {self.type}")
        minor = told.amount_refunded if kind is NewsKind.REFUNDED else told.amount_received
        declined = kind is NewsKind.DECLINED
        return News(
            kind=kind,
            reference=told.metadata.reference,
            charge_id=told.payment_intent or told.id,
            amount=from_stripe(minor, told.currency),
            reason=decline_reason(told.last_payment_error or {}) if declined else None,
        )


def read_event(body: str) -> ProviderEvent:
    """Raises UnknownEvent for what is not an event about a payment."""
    try:
        return ProviderEvent.model_validate_json(body)
    except ValidationError:
        raise UnknownEvent("this is no event about a payment") from None


def verify(header: str | None, body: str, secret: str, now: datetime) -> None:
    """The header is `t=<seconds>,v1=<hex>[,v1=<hex>]`: HMAC-SHA256 of `<seconds>.<body>`; any v1 may fit.

    Raises SignatureRefused.
    """
    parts = [part.strip().partition("=") for part in (header or "").split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        raise SignatureRefused("Stripe-Signature has no time")
    expected = sign(times[0], body, secret)
    given = [value.encode() for name, _, value in parts if name == "v1"]
    if not any([hmac.compare_digest(expected.encode(), one) for one in given]):
        raise SignatureRefused("Stripe-Signature does not fit the body")
    if abs(now.timestamp() - int(times[0])) > TOLERANCE.total_seconds():
        raise SignatureRefused("Stripe-Signature is not of now")


def sign(seconds: str, body: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"{seconds}.{body}".encode(), "sha256").hexdigest()
