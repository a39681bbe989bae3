"""The payment provider behind the adapter's HTTP: it keeps its promises, but may not be there."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from urllib3.exceptions import ProtocolError

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
    _answers: dict[str, Answer] = field(default_factory=dict)

    def request(self, _method: str, url: str, *, body: str, headers: Mapping[str, str], **_: Any) -> Response:
        """As urllib3's PoolManager."""
        self.mishaps.stop()
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble == "down":
            return Response(503, b"upstream is gone")
        status, answer = self._once(headers["Idempotency-Key"], urlsplit(url).path, body)
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

    def _charge(self, fields: dict[str, str]) -> Answer:
        if fields["payment_method"] == DECLINED:
            return 402, {"error": {"type": "card_error", "code": "card_declined"}}
        charge = Charge(f"pi_{len(self.charges)}", fields["metadata[reference]"], int(fields["amount"]))
        self.charges.append(charge)
        return 200, {"id": charge.charge_id, "status": "succeeded"}

    def _refund(self, fields: dict[str, str]) -> Answer:
        (charge,) = (it for it in self.charges if it.charge_id == fields["payment_intent"])
        given_back = sum(it.amount for it in self.refunds if it.charge_id == charge.charge_id)
        amount = int(fields["amount"])
        if given_back + amount > charge.amount:
            return 400, {"error": {"type": "invalid_request_error", "code": "charge_already_refunded"}}
        self.refunds.append(Charge(charge.charge_id, charge.reference, amount))
        return 200, {"id": f"re_{len(self.refunds)}", "status": "succeeded"}
