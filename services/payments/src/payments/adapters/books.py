"""The provider's books: Stripe's list of PaymentIntents, and how much of each was given back."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic import Field

from jetbridge.kernel.pages import Page
from payments.adapters.provider import decline_reason
from payments.adapters.stripe import StripeClient, StripeObject, from_stripe
from payments.domain.reconciling import Charge, ChargeStatus

_PAGE = 100
_STATUSES = {
    "succeeded": ChargeStatus.CAPTURED,
    "requires_payment_method": ChargeStatus.DECLINED,
    "canceled": ChargeStatus.DECLINED,
}


class _LatestCharge(StripeObject):
    amount_refunded: int = Field(ge=0)


class _Intent(StripeObject):
    id: str
    amount: int
    currency: str
    status: str
    metadata: dict[str, str] = Field(default_factory=dict)
    latest_charge: _LatestCharge | None = None
    last_payment_error: dict[str, Any] | None = None

    def to_charge(self) -> Charge:
        error = self.last_payment_error
        refunded = self.latest_charge.amount_refunded if self.latest_charge else 0
        return Charge(
            id=self.id,
            reference=self.metadata.get("reference"),
            amount=from_stripe(self.amount, self.currency),
            status=_STATUSES.get(self.status, ChargeStatus.OPEN),
            refunded=from_stripe(refunded, self.currency).minor,
            reason=decline_reason(error) if error else None,
        )


class _Intents(StripeObject):
    data: list[_Intent]
    has_more: bool


class StripeBooks:
    def __init__(self, stripe: StripeClient) -> None:
        self._stripe = stripe

    def charges(self, since: datetime, until: datetime, cursor: str | None) -> Page[Charge]:
        """`cursor` is the last id of the page before."""
        query = {
            "limit": _PAGE,
            "created[gte]": int(since.timestamp()),
            "created[lt]": int(until.timestamp()),
            "expand[]": "data.latest_charge",
            **({"starting_after": cursor} if cursor else {}),
        }
        page = self._stripe.get("/v1/payment_intents", query).read(_Intents)
        more = page.has_more and page.data
        return Page([it.to_charge() for it in page.data], cursor=page.data[-1].id if more else None)

    def has_charge(self, charge_id: str) -> bool:
        answer = self._stripe.get(f"/v1/payment_intents/{charge_id}", {})
        if answer.is_ok or answer.status == HTTPStatus.NOT_FOUND:
            return answer.is_ok
        raise answer.fault
