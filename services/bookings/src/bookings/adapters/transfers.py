"""The transfer partner over HTTP; a booking's id is the reference, so what is asked twice is asked once."""

import json
from http import HTTPStatus
from urllib.parse import quote, urlencode

import urllib3

from bookings.domain.transfers import Transfer
from jetbridge.runtime.observability import tracer
from jetbridge.runtime.partners import Partner
from jetbridge.runtime.secrets import Secret


class PartnerFault(Exception):
    """No usable answer: there may or may not be a transfer."""


class HttpTransferPartner:
    def __init__(self, http: urllib3.PoolManager, base_url: str, secret: Secret) -> None:
        self._partner = Partner(http, base_url, secret)

    @tracer.capture_method(capture_response=False)
    def ask(self, booking_id: str, pickup: str) -> Transfer:
        return self._call("PUT", booking_id, urlencode({"pickup": pickup}))

    @tracer.capture_method(capture_response=False)
    def cancel(self, booking_id: str) -> None:
        if self._call("DELETE", booking_id, "") is not Transfer.CANCELLED:
            raise PartnerFault("the transfer was not cancelled")

    def _call(self, method: str, booking_id: str, body: str) -> Transfer:
        path = f"/v1/transfers/{quote(booking_id, safe='')}"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return _transfer(self._partner.ask(method, path, body=body, headers=form))


def _transfer(response: urllib3.BaseHTTPResponse) -> Transfer:
    """Raises PartnerFault for all that is not a transfer."""
    try:
        answer = json.loads(response.data) if response.status == HTTPStatus.OK else None
        return Transfer(answer["status"]) if isinstance(answer, dict) else _refuse(response.status)
    except (KeyError, ValueError) as unread:
        raise PartnerFault("no transfer in the answer") from unread


def _refuse(status: int) -> Transfer:
    raise PartnerFault(f"status {status}")
