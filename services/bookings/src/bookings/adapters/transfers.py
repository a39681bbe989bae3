"""The transfer partner over HTTP; a booking's id is the reference, so what is asked twice is asked once."""

import json
from http import HTTPStatus
from urllib.parse import quote, urlencode

import urllib3

from bookings.domain.transfers import Transfer
from jetbridge.runtime.observability import logger, tracer
from jetbridge.runtime.secrets import Secret


class PartnerFault(Exception):
    """No usable answer: there may or may not be a transfer."""


class HttpTransferPartner:
    """Never repeats a call itself but after a 401, with the secret fetched again."""

    def __init__(self, http: urllib3.PoolManager, base_url: str, secret: Secret) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._secret = secret

    @tracer.capture_method(capture_response=False)
    def ask(self, booking_id: str, pickup: str) -> Transfer:
        return self._call("PUT", booking_id, urlencode({"pickup": pickup}))

    @tracer.capture_method(capture_response=False)
    def cancel(self, booking_id: str) -> None:
        if self._call("DELETE", booking_id, "") is not Transfer.CANCELLED:
            raise PartnerFault("the transfer was not cancelled")

    def _call(self, method: str, booking_id: str, body: str) -> Transfer:
        response = self._send(method, booking_id, body, self._secret.value())
        if response.status == HTTPStatus.UNAUTHORIZED:
            logger.warning("transfer partner refused the secret; fetched again")
            response = self._send(method, booking_id, body, self._secret.fetched_again())
        return _transfer(response)

    def _send(self, method: str, booking_id: str, body: str, secret: str) -> urllib3.BaseHTTPResponse:
        return self._http.request(
            method,
            f"{self._base_url}/v1/transfers/{quote(booking_id, safe='')}",
            body=body,
            headers={
                "Authorization": f"Bearer {secret}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            retries=False,
            redirect=False,
        )


def pool(seconds: float) -> urllib3.PoolManager:
    """Connections with bounded waiting, kept between the invocations of an environment."""
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=seconds, read=seconds))


def _transfer(response: urllib3.BaseHTTPResponse) -> Transfer:
    """Raises PartnerFault for all that is not a transfer."""
    try:
        answer = json.loads(response.data) if response.status == HTTPStatus.OK else None
        return Transfer(answer["status"]) if isinstance(answer, dict) else _refuse(response.status)
    except (KeyError, ValueError) as unread:
        raise PartnerFault("no transfer in the answer") from unread


def _refuse(status: int) -> Transfer:
    raise PartnerFault(f"status {status}")
