"""AWS in memory with the stand-in's tables and secret, and its API as clients see it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from moto import mock_aws

from payment_provider.handlers import (
    calls,
    create_payment_intent,
    create_refund,
    get_payment_intent,
    list_payment_intents,
    list_refunds,
)
from tests.integration.tables import make_table
from tests.lambda_events import api_request, context

CHARGE = {
    "amount": "5025",
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": "true",
    "metadata[reference]": "order-1",
}


@dataclass
class Answer:
    status: int
    headers: dict[str, Any]
    body: Any


@dataclass
class Api:
    """`secret` is what Stripe's routes are called with."""

    secret: str
    secret_arn: str

    def charge(self, key: str | None = "key-1", **fields: str) -> Answer:
        return self.post("/v1/payment_intents", CHARGE | fields, key)

    def refund(self, key: str | None = "key-r", **fields: str) -> Answer:
        return self.post("/v1/refunds", fields, key)

    def post(self, path: str, form: dict[str, str], key: str | None = None) -> Answer:
        handler = create_payment_intent.handler if "intents" in path else create_refund.handler
        return self._send(handler, "POST", path, urlencode(form), {"Idempotency-Key": key} if key else {})

    def get(self, path: str) -> Answer:
        return self._send(get_payment_intent.handler, "GET", path, None, {})

    def pages(self, path: str, **query: str) -> Answer:
        handler = {"/v1/payment_intents": list_payment_intents, "/v1/refunds": list_refunds}[path].handler
        event = api_request(
            "GET", path, query=query, headers={"Authorization": f"Bearer {self.secret}"}, subject=None
        )
        return _read(handler(event, context()))

    def calls(self, reference: str | None = None, groups: str = "operators") -> Answer:
        query = {"reference": reference} if reference else None
        event = api_request("GET", "/calls", query=query, groups=groups)
        return _read(calls.handler(event, context()))

    def outcomes(self, reference: str | None = None) -> list[str]:
        return [call["outcome"] for call in self.calls(reference).body["calls"]]

    def _send(
        self, handler: Any, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> Answer:
        sent = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        event = api_request(method, path, body, headers=sent | headers, subject=None)
        return _read(handler(event, context()))


def _read(answer: dict[str, Any]) -> Answer:
    headers = answer.get("headers") or answer.get("multiValueHeaders") or {}
    return Answer(answer["statusCode"], headers, json.loads(answer["body"] or "null"))


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with mock_aws():
        made = boto3.client("secretsmanager").create_secret(Name="secret", SecretString="sk_sandbox")
        environment = {
            "LEDGER_TABLE_NAME": make_table("payment-provider", "LedgerTable"),
            "CALLS_TABLE_NAME": make_table("payment-provider", "CallsTable"),
            "CALLS_INDEX_NAME": "by-moment",
            "IDEMPOTENCY_TABLE_NAME": make_table("payment-provider", "IdempotencyTable"),
            "SECRET_ARN": made["ARN"],
            "ALLOW_ORIGIN": "*",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield Api("sk_sandbox", made["ARN"])
