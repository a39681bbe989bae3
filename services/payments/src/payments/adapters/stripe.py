"""Stripe's HTTP: form bodies, an idempotency key for what moves money, the secret, and bounded waiting.

Base URL and secret are all that tells the stand-in from Stripe itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlencode

import urllib3

from jetbridge.runtime.observability import logger
from jetbridge.runtime.secrets import Secret

_API_VERSION = "2024-06-20"

type Body = Mapping[str, Any]


class ProviderFault(Exception):
    """No usable answer: the money may or may not have moved."""


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

    @property
    def fault(self) -> ProviderFault:
        """What this answer is where it cannot be used."""
        error = self.error
        return ProviderFault(f"status {self.status}, type {error.get('type')}, code {error.get('code')}")


class StripeClient:
    """`secret` is the API key. Nothing is asked twice here but after a 401, with the key fetched again."""

    def __init__(self, http: urllib3.PoolManager, base_url: str, secret: Secret) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._secret = secret

    def post(self, path: str, key: str, fields: Body) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": key}
        return self._ask("POST", path, urlencode(fields), headers)

    def get(self, path: str, query: Body) -> Answer:
        return self._ask("GET", f"{path}?{urlencode(query)}", "", {})

    def _ask(
        self, method: Literal["GET", "POST"], path: str, body: str, headers: Mapping[str, str]
    ) -> Answer:
        answer = self._send(method, path, body, headers, self._secret.value())
        if answer.status == HTTPStatus.UNAUTHORIZED:
            logger.warning("provider refused the secret; fetched again")
            answer = self._send(method, path, body, headers, self._secret.fetched_again())
        return answer

    def _send(self, method: str, path: str, body: str, headers: Mapping[str, str], secret: str) -> Answer:
        response = self._http.request(
            method,
            self._base_url + path,
            body=body or None,
            headers={"Authorization": f"Bearer {secret}", "Stripe-Version": _API_VERSION, **headers},
            retries=False,
            redirect=False,
        )
        return Answer(response.status, _object_in(response.data))


def pool(connect_seconds: float, read_seconds: float) -> urllib3.PoolManager:
    """Connections with bounded waiting, kept between the invocations of an environment."""
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=connect_seconds, read=read_seconds))


def _object_in(data: bytes) -> Body:
    try:
        body = json.loads(data)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
