"""Events sent to whoever listens, signed as Stripe signs them."""

import hmac
import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

import urllib3
from aws_lambda_powertools.utilities.parameters import SSMProvider

from jetbridge.runtime.secrets import Secret

_PARAMETER_MAX_AGE = 60


class NotHeard(Exception):
    """The listener did not answer with success: the event is to be sent again."""


class Webhooks:
    """`url_parameter` is the SSM parameter with the listener's URL, which may be there only later."""

    def __init__(
        self, http: urllib3.PoolManager, parameters: SSMProvider, url_parameter: str, secret: Secret
    ) -> None:
        self._http = http
        self._parameters = parameters
        self._url_parameter = url_parameter
        self._secret = secret

    def send(self, event: dict[str, Any], now: datetime) -> None:
        """Raises NotHeard; without a listener or a connection, what the clients raise."""
        url = str(self._parameters.get(self._url_parameter, max_age=_PARAMETER_MAX_AGE))
        body, seconds = json.dumps(event), str(int(now.timestamp()))
        signature = hmac.new(self._secret.value().encode(), f"{seconds}.{body}".encode(), "sha256")
        answer = self._http.request(
            "POST",
            url,
            body=body,
            headers={
                "Content-Type": "application/json",
                "Stripe-Signature": f"t={seconds},v1={signature.hexdigest()}",
            },
            retries=False,
            redirect=False,
        )
        if not HTTPStatus(answer.status).is_success:
            raise NotHeard(f"status {answer.status}")
