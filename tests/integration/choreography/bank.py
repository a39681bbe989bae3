"""The payment provider behind the adapter's HTTP: it keeps promises and books, but may not be there."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from urllib3.exceptions import ProtocolError

from tests.integration.choreography.clock import WorldTime
from tests.integration.choreography.mishaps import Mishaps

DECLINED = "pm_card_chargeDeclined"

type Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Response:
    status: int
    data: bytes


@dataclass(frozen=True)
class Charge:
    charge_id: str
    reference: str
    amount: int


@dataclass
class Bank:
    """`trouble` is what awaits the next questions: `down` nothing is done, `lost` done but never answered.

    `charges` and `refunds` are what really happened.
    """

    mishaps: Mishaps
    trouble: list[str] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    refunds: list[Charge] = field(default_factory=list)
    _intents: list[dict[str, Any]] = field(default_factory=list)
    _answers: dict[str, Answer] = field(default_factory=dict)

    def request(
        self, method: str, url: str, *, body: str | None, headers: Mapping[str, str], **_: Any
    ) -> Response:
        """As urllib3's PoolManager."""
        self.mishaps.stop()
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble == "down":
            return Response(503, b"upstream is gone")
        asked = urlsplit(url)
        if method == "GET":
            status, answer = self._read(asked.path, parse_qs(asked.query))
        else:
            status, answer = self._once(headers["Idempotency-Key"], asked.path, body or "")
        if trouble == "lost":
            raise ProtocolError("the connection broke before the answer")
        self.mishaps.stop()
        return Response(status, json.dumps(answer).encode())

    def balance(self) -> dict[str, int]:
        """What is left of each reference's money, in minor units, at the provider."""
        left = Counter[str]()
        for charge in self.charges:
            left[charge.reference] += charge.amount
        for refund in self.refunds:
            left[refund.reference] -= refund.amount
        return {reference: amount for reference, amount in left.items() if amount}

    def _once(self, key: str, path: str, body: str) -> Answer:
        if key not in self._answers:
            fields = {name: values[0] for name, values in parse_qs(body).items()}
            act = {"/v1/payment_intents": self._charge, "/v1/refunds": self._refund}[path]
            self._answers[key] = act(fields)
        return self._answers[key]

    def _read(self, path: str, query: Mapping[str, list[str]]) -> Answer:
        """All intents of a time on one page, or the one that is named."""
        if path.endswith("/payment_intents"):
            begin, end = int(query["created[gte]"][0]), int(query["created[lt]"][0])
            found = [self._shown(it) for it in self._intents if begin <= it["created"] < end]
            return 200, {"data": found, "has_more": False}
        (intent,) = (it for it in self._intents if path.endswith(f"/{it['id']}"))
        return 200, self._shown(intent)

    def _shown(self, intent: dict[str, Any]) -> dict[str, Any]:
        given_back = sum(it.amount for it in self.refunds if it.charge_id == intent["id"])
        return intent | {"latest_charge": {"amount_refunded": given_back}}

    def _charge(self, fields: dict[str, str]) -> Answer:
        declined = {"type": "card_error", "code": "card_declined"}
        is_declined = fields["payment_method"] == DECLINED
        intent: dict[str, Any] = {
            "id": f"pi_{len(self._intents)}",
            "amount": int(fields["amount"]),
            "currency": fields["currency"],
            "created": int(WorldTime.moment.timestamp()),
            "metadata": {"reference": fields["metadata[reference]"]},
            "status": "requires_payment_method" if is_declined else "succeeded",
            "last_payment_error": declined if is_declined else None,
        }
        self._intents.append(intent)
        if is_declined:
            return 402, {"error": declined}
        self.charges.append(Charge(intent["id"], fields["metadata[reference]"], intent["amount"]))
        return 200, intent

    def _refund(self, fields: dict[str, str]) -> Answer:
        (charge,) = (it for it in self.charges if it.charge_id == fields["payment_intent"])
        given_back = sum(it.amount for it in self.refunds if it.charge_id == charge.charge_id)
        amount = int(fields["amount"])
        if given_back + amount > charge.amount:
            return 400, {"error": {"type": "invalid_request_error", "code": "charge_already_refunded"}}
        self.refunds.append(Charge(charge.charge_id, charge.reference, amount))
        return 200, {"id": f"re_{len(self.refunds)}", "status": "succeeded"}
