"""Stripe's HTTP: form bodies, and an idempotency key for what moves money.

Base URL and secret are all that tells the stand-in from Stripe itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import urllib3
from pydantic import BaseModel, ConfigDict, ValidationError

from jetbridge.kernel.money import Money
from jetbridge.runtime.partners import Partner
from jetbridge.runtime.secrets import Secret

_IN_HUNDREDTHS = {"ISK", "UGX"}  # as Stripe counts them, though ISO 4217 gives them no minor unit
_VERSION = {"Stripe-Version": "2024-06-20"}

type Body = Mapping[str, Any]


def to_stripe(money: Money) -> int:
    """The amount in what Stripe takes for the currency's smallest unit."""
    return money.minor * _units(money.currency)


def from_stripe(amount: int, currency: str) -> Money:
    code = currency.upper()
    return Money(amount // _units(code), code)


def _units(currency: str) -> int:
    return 100 if currency in _IN_HUNDREDTHS else 1


class StripeObject(BaseModel):
    """As much of one as is needed. Faults are told without the values, which may be personal."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ProviderFault(Exception):
    """No usable answer: the money may or may not have moved."""


class ProviderDown(ProviderFault):
    """The provider is overloaded, or says itself that it is broken."""


# What says that the provider is not there, rather than that it does not like what it was asked.
OUTAGES = (ProviderDown, urllib3.exceptions.HTTPError)


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is empty where the answer is no JSON object: a gateway's page, for example."""

    status: int
    body: Body

    @property
    def error(self) -> Body:
        error = self.body.get("error")
        return error if isinstance(error, dict) else {}

    @property
    def is_ok(self) -> bool:
        return self.status == HTTPStatus.OK

    def read[Kind: StripeObject](self, kind: type[Kind]) -> Kind:
        """Raises its fault for what is no success, or no such object."""
        if not self.is_ok:
            raise self.fault
        try:
            return kind.model_validate(self.body)
        except ValidationError:
            raise self.fault from None

    @property
    def fault(self) -> ProviderFault:
        """What this answer is where it cannot be used."""
        error = self.error
        is_down = (
            self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status == HTTPStatus.TOO_MANY_REQUESTS
        )
        kind = ProviderDown if is_down else ProviderFault
        return kind(f"status {self.status}, type {error.get('type')}, code {error.get('code')}")


class StripeClient:
    """`secret` is the API key."""

    def __init__(self, http: urllib3.PoolManager, base_url: str, secret: Secret) -> None:
        self._partner = Partner(http, base_url, secret)

    def post(self, path: str, key: str, fields: Body) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": key}
        response = self._partner.ask("POST", path, body=urlencode(fields), headers=_VERSION | headers)
        return Answer(response.status, _object_in(response.data))

    def get(self, path: str, query: Body) -> Answer:
        response = self._partner.ask("GET", f"{path}?{urlencode(query)}", headers=_VERSION)
        return Answer(response.status, _object_in(response.data))


def _object_in(data: bytes) -> Body:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):  # or brackets without end
        return {}
    return body if isinstance(body, dict) else {}
