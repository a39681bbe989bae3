"""The payment provider: Stripe's PaymentIntents and Refunds, and what its answers mean."""

from http import HTTPStatus

from jetbridge.kernel.money import Money
from jetbridge.runtime.observability import tracer
from payments.adapters.stripe import Answer, Body, StripeClient, StripeObject, to_stripe
from payments.domain.payments import Payment, Refund
from payments.domain.reconciling import Charge
from payments.domain.refusals import PaymentDeclined

# Invalid requests that no repetition makes valid, by code and parameter; all others are our faults.
_REFUSALS = {
    ("resource_missing", "payment_method"): "unknown_payment_method",
    ("amount_too_small", "amount"): "amount_too_small",
    ("amount_too_large", "amount"): "amount_too_large",
}
# The provider asks not to tell these to the customer.
_CONFIDENTIAL = {"fraudulent", "lost_card", "merchant_blacklist", "pickup_card", "stolen_card"}
_REFUNDED = ("succeeded", "pending")
_PAGE = 100


class _Refund(StripeObject):
    status: str | None
    metadata: dict[str, str] | None = None

    @property
    def number(self) -> str | None:
        """Which refund of its payment it is, if the money goes back."""
        return (self.metadata or {}).get("number") if self.status in _REFUNDED else None


class _Refunds(StripeObject):
    data: list[_Refund]
    has_more: bool


class StripeProvider:
    """Each charge and each refund has an idempotency key of its own."""

    def __init__(self, stripe: StripeClient) -> None:
        self._stripe = stripe

    @tracer.capture_method(capture_response=False)
    def charge(self, payment: Payment) -> str:
        answer = self._stripe.post(
            "/v1/payment_intents",
            f"{payment.reference}-charge",
            {
                "amount": to_stripe(payment.amount),
                "currency": payment.amount.currency.lower(),
                "payment_method": payment.payment_method,
                "payment_method_types[]": "card",
                "confirm": "true",
                "error_on_requires_action": "true",
                "metadata[reference]": payment.reference,
            },
        )
        if answer.is_ok and answer.body.get("status") == "succeeded":
            return str(answer.body["id"])
        if (reason := _reason(answer)) is not None:
            raise PaymentDeclined(reason)
        raise answer.fault

    @tracer.capture_method(capture_response=False)
    def refund(self, payment: Payment, refund: Refund) -> None:
        self._give_back(
            f"{payment.reference}-refund-{refund.number}",
            {
                "payment_intent": payment.charge_id,
                "amount": to_stripe(Money(refund.minor, payment.amount.currency)),
                "metadata[reference]": payment.reference,
                "metadata[number]": refund.number,
            },
        )

    @tracer.capture_method(capture_response=False)
    def give_back_stray(self, charge: Charge) -> None:
        form = {"payment_intent": charge.id, "metadata[reference]": charge.reference}
        self._give_back(f"{charge.id}-stray", form)

    def _give_back(self, key: str, form: Body) -> None:
        answer = self._stripe.post("/v1/refunds", key, form)
        succeeded = answer.is_ok and answer.body.get("status") in _REFUNDED
        if not succeeded and answer.error.get("code") != "charge_already_refunded":
            raise answer.fault

    @tracer.capture_method(capture_response=False)
    def has_refunded(self, payment: Payment, refund: Refund) -> bool:
        """By the number in the refunds' metadata."""
        query = {"payment_intent": payment.charge_id, "limit": _PAGE}
        answer = self._stripe.get("/v1/refunds", query)
        page = answer.read(_Refunds)
        known = str(refund.number) in {it.number for it in page.data}
        if page.has_more and not known:
            raise answer.fault  # it may stand on the next page; nobody gives back in a hundred parts
        return known


def decline_reason(error: Body) -> str:
    """Why a card was declined, fit for the customer."""
    reason = error.get("decline_code") or error.get("code") or "generic_decline"
    return "generic_decline" if reason in _CONFIDENTIAL else reason


def _reason(answer: Answer) -> str | None:
    """Why the card or the request is refused for good; None if it is not."""
    error = answer.error
    if answer.status == HTTPStatus.PAYMENT_REQUIRED and error.get("type") == "card_error":
        return decline_reason(error)
    if answer.status == HTTPStatus.BAD_REQUEST:
        return _REFUSALS.get((error.get("code", ""), error.get("param", "")))
    return None
