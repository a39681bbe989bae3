"""Payments in memory, and a provider that keeps its promises about idempotency keys and writes a log."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from payments.domain.payments import Payment, PaymentRequest, Refund
from payments.domain.reconciling import Charge
from payments.domain.refusals import PaymentDeclined

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def request(reference: str = "order-1", **changes: Any) -> PaymentRequest:
    values: dict[str, Any] = {
        "reference": reference,
        "kind": "order",
        "customer_id": "user-1",
        "amount": Money(5025, "USD"),
        "payment_method": "pm_card_visa",
        "correlation_id": "correlation-1",
        "causation_id": "cause-1",
    }
    return PaymentRequest(**(values | changes))


def wanted_back(payment: Payment, cause: str = "cause-2", minor: int | None = None) -> Payment:
    """The payment with one more refund open: of `minor` units, or of all that is left."""
    part = None if minor is None else Money(minor, payment.amount.currency)
    refund = payment.refund_for(request(payment.reference, causation_id=cause, part=part), NOON)
    assert refund is not None
    return payment.want_back(refund, NOON)


class Fault(Exception):
    """An outage, a crash or a lost answer."""


@dataclass
class InMemoryPayments:
    """`written` is every version of every payment, in the order of the writes."""

    written: list[Payment] = field(default_factory=list)

    def begin(self, payment: Payment) -> Payment:
        found = self.find(payment.reference)
        if found is None:
            self.written.append(payment)
        return found or payment

    def get(self, reference: str) -> Payment:
        found = self.find(reference)
        assert found is not None
        return found

    def requested(self, since: datetime, until: datetime, cursor: str | None) -> Page[Payment]:
        """One payment a page."""
        references = sorted({it.reference for it in self.written if since <= it.requested_at <= until})
        rest = [it for it in references if it > (cursor or "")]
        return Page([self.get(it) for it in rest[:1]], rest[0] if len(rest) > 1 else None)

    def save(self, payment: Payment) -> None:
        if self.get(payment.reference).version != payment.version - 1:
            raise ConcurrentUpdate(payment.reference)
        self.written.append(payment)

    def find(self, reference: str) -> Payment | None:
        return next((it for it in reversed(self.written) if it.reference == reference), None)


@dataclass
class FakeProvider:
    """`log` holds what really happened. `during` runs while a call is under way: what it raises reaches the
    caller, but the provider goes on and does what it was asked for."""

    declines: str | None = None
    during: Callable[[], None] = lambda: None
    log: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refunded: list[int] = field(default_factory=list)
    _answers: dict[str, str | None] = field(default_factory=dict)
    _in_flight: set[str] = field(default_factory=set)

    def charge(self, payment: Payment) -> str:
        answer = self._once(f"{payment.reference}-charge", self._charge)
        if answer is None:
            raise PaymentDeclined(self.declines or "")
        return answer

    def refund(self, payment: Payment, refund: Refund) -> None:
        assert payment.charge_id in self._answers.values(), "only a charge of ours can be refunded"
        self._once(f"{payment.reference}-refund-{refund.number}", lambda: self._refund(refund.minor))

    def has_refunded(self, payment: Payment, refund: Refund) -> bool:
        return f"{payment.reference}-refund-{refund.number}" in self._answers

    def give_back_stray(self, charge: Charge) -> None:
        self._once(f"{charge.id}-stray", lambda: self._refund(charge.amount.minor - charge.refunded))

    def _charge(self) -> str | None:
        self.log.append("declined" if self.declines else "charged")
        return None if self.declines else f"pi_{len(self.log)}"

    def _refund(self, minor: int) -> str | None:
        self.log.append("refunded")
        self.refunded.append(minor)
        return "re_1"

    def _once(self, key: str, act: Callable[[], str | None]) -> str | None:
        self.asked.append(key)
        if key in self._in_flight:
            raise Fault("409: a call with this key is under way")
        self._in_flight.add(key)
        try:
            self.during()
        finally:
            self._in_flight.discard(key)
            if key not in self._answers:
                self._answers[key] = act()
        return self._answers[key]


class ForgetfulProvider(FakeProvider):
    """A planted bug: it does not know its idempotency keys."""

    def _once(self, key: str, act: Callable[[], str | None]) -> str | None:
        self._answers.clear()
        return super()._once(key, act)


class CarelessPayments(InMemoryPayments):
    """A planted bug: it writes without a condition."""

    def save(self, payment: Payment) -> None:
        self.written.append(payment)
