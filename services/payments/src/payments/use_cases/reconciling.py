"""The provider's books against our payments, and ours against theirs: a page at a time, healed where clear.

What moves while it is compared is left to the next time: only what has rested since `until` is judged.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import ConcurrentUpdate
from payments.domain.payments import Payment
from payments.domain.reconciling import Charge, ChargeStatus, Kind, against_owner, difference
from payments.ports import Books, Log, News, NewsKind, Payments, Provider
from payments.use_cases.payments import KEY_LIFETIME, hear_provider

MAX_TOLD = 50  # differences in the report; `different` counts them all, the log has them all
RESTED = timedelta(minutes=15)
# A charge that the books still lack an hour after its key was last used was never made.
NEVER_CHARGED_AFTER = KEY_LIFETIME + timedelta(hours=1)

type Heal = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Difference:
    """`charge_id` is empty where the provider has none."""

    kind: Kind
    reference: str
    charge_id: str
    healed: bool


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How far the days from `since` to `until` are compared: to their end when there is no cursor."""

    since: datetime
    until: datetime
    checked: int = 0
    different: int = 0
    healed: int = 0
    differences: tuple[dict[str, object], ...] = ()
    cursor: str | None = None

    def with_page(self, checked: int, found: list[Difference], cursor: str | None) -> "Reconciled":
        return replace(
            self,
            checked=self.checked + checked,
            different=self.different + len(found),
            healed=self.healed + sum(it.healed for it in found),
            differences=(*self.differences, *map(asdict, found))[:MAX_TOLD],
            cursor=cursor,
        )


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The ports, in place."""

    payments: Payments
    provider: Provider
    books: Books
    log: Log
    clock: Clock

    def compare_provider(self, so_far: Reconciled) -> Reconciled:
        """The next page of the provider's charges, each against our payment of its reference."""
        # A little earlier, since the provider's clock is not ours.
        page = self.books.charges(so_far.since - RESTED, so_far.until, so_far.cursor)
        found = [it for charge in page.items if (it := self._judge_charge(charge, so_far.until))]
        return so_far.with_page(len(page.items), found, page.cursor)

    def compare_payments(self, so_far: Reconciled) -> Reconciled:
        """The next page of our payments against the provider's books.

        To be done after all of the books were compared: what is in doubt still is not in them.
        """
        page = self.payments.requested(so_far.since, so_far.until, so_far.cursor)
        found = [it for payment in page.items if (it := self._judge_payment(payment, so_far.until))]
        return so_far.with_page(len(page.items), found, page.cursor)

    def _judge_charge(self, charge: Charge, until: datetime) -> Difference | None:
        payment = self.payments.find(charge.reference) if charge.reference else None
        if payment and payment.changed_at >= until:
            return None
        kind = difference(charge, payment)
        return self._noted(kind, charge.reference, charge.id, self._heal_of(kind, charge)) if kind else None

    def _judge_payment(self, payment: Payment, until: datetime) -> Difference | None:
        if payment.changed_at >= until:
            return None
        if payment.awaits_charge and payment.requested_at < until - NEVER_CHARGED_AFTER:
            heal = lambda: self._never_charged(payment)  # noqa: E731
            return self._noted(Kind.NEVER_CHARGED, payment.reference, None, heal)
        if payment.charge_id and not self.books.has_charge(payment.charge_id):
            return self._noted(Kind.MISSING_CHARGE, payment.reference, payment.charge_id, None)
        kind = against_owner(payment, until)
        return self._noted(kind, payment.reference, payment.charge_id, None) if kind else None

    def _heal_of(self, kind: Kind, charge: Charge) -> Heal | None:
        match kind:
            case Kind.UNTOLD_RESULT:
                captured = charge.status is ChargeStatus.CAPTURED
                return self._telling(charge, NewsKind.CAPTURED if captured else NewsKind.DECLINED)
            case Kind.UNDONE_REFUND:
                return self._telling(charge, NewsKind.REFUNDED)
            case Kind.STRAY_CHARGE:
                return lambda: self.provider.give_back_stray(charge)
        return None

    def _telling(self, charge: Charge, kind: NewsKind) -> Heal:
        """As if the provider had told it by itself."""
        refunded = replace(charge.amount, minor=charge.refunded)
        amount = refunded if kind is NewsKind.REFUNDED else charge.amount
        news = News(kind, charge.reference or "", charge.id, amount, charge.reason)
        return lambda: hear_provider(news, payments=self.payments, provider=self.provider, clock=self.clock)

    def _never_charged(self, payment: Payment) -> None:
        """Its key is never used again, so that nobody will charge it later."""
        while payment.awaits_charge:
            try:
                self.payments.save(payment.decline(Kind.NEVER_CHARGED, self.clock()))
            except ConcurrentUpdate:
                payment = self.payments.get(payment.reference)
            else:
                return

    def _noted(
        self, kind: Kind, reference: str | None, charge_id: str | None, heal: Heal | None
    ) -> Difference:
        """One that cannot be healed now does not keep the others from it."""
        healed = False
        if heal:
            try:
                heal()
                healed = True
            except Exception as fault:
                self.log.not_healed(kind, reference or "", fault)
        found = Difference(kind, reference or "", charge_id or "", healed)
        self.log.found(kind, found.reference, found.charge_id, healed=healed)
        return found
