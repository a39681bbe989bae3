"""Each difference between the provider's books and ours is named; what has a clear end is brought to it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from payments.domain.reconciling import Charge, ChargeStatus, Kind
from payments.use_cases.reconciling import Reconciled, Reconciliation
from tests.fakes.payments import NOON, FakeProvider, Fault, InMemoryPayments, request, wanted_back

S, K = PaymentStatus, Kind
LATER = NOON + timedelta(days=2)
REQUESTED = Payment.begun(request(), S.REQUESTED, NOON)
PARTLY_REFUNDED = wanted_back(REQUESTED.capture("pi_1", NOON), minor=25).give_back(NOON)
CAPTURED = REQUESTED.capture("pi_1", NOON).confirm(NOON)
PARTLY = wanted_back(CAPTURED, minor=25).give_back(NOON)
USD = Money(5025, "USD")


def charge(**changes: Any) -> Charge:
    values: dict[str, Any] = {
        "id": "pi_1",
        "reference": "order-1",
        "amount": USD,
        "status": ChargeStatus.CAPTURED,
    }
    return Charge(**values | changes)


@dataclass
class Ledgers:
    """The provider's books, one charge a page, and what was noted."""

    charges_made: list[Charge] = field(default_factory=list)
    noted: list[tuple[str, bool]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def charges(self, since: datetime, until: datetime, cursor: str | None) -> Page[Charge]:
        place = int(cursor or 0)
        more = str(place + 1) if place + 1 < len(self.charges_made) else None
        return Page(self.charges_made[place : place + 1], more)

    def has_charge(self, charge_id: str) -> bool:
        return any(it.id == charge_id for it in self.charges_made)

    def found(self, kind: Kind, reference: str, charge_id: str, *, healed: bool) -> None:
        self.noted.append((kind, healed))

    def not_healed(self, kind: Kind, reference: str, fault: Exception) -> None:
        self.failures.append(type(fault).__name__)


class Office:
    """Everything in place, at a time when all has rested."""

    def __init__(self, *charges: Charge, payment: Payment | None) -> None:
        self.ledgers = Ledgers(list(charges))
        self.payments = InMemoryPayments([payment] if payment else [])
        self.provider = FakeProvider()
        self.provider._answers["order-1-charge"] = "pi_1"
        self.now = LATER

    def reconcile(self) -> Reconciled:
        reconciliation = Reconciliation(
            self.payments, self.provider, self.ledgers, self.ledgers, lambda: self.now
        )
        done = Reconciled(NOON - timedelta(days=1), LATER)
        for compare in (reconciliation.compare_provider, reconciliation.compare_payments):
            done = compare(done)
            while done.cursor:
                done = compare(done)
        return done

    @property
    def payment(self) -> Payment:
        return self.payments.get("order-1")


@pytest.mark.parametrize(
    ("payment", "made"),
    [
        (CAPTURED, charge()),
        (PARTLY, charge(refunded=25)),
        (REQUESTED.decline("lost", NOON), charge(id="pi_2", status=ChargeStatus.DECLINED)),
        (Payment.begun(request(), S.VOIDED, NOON), charge(status=ChargeStatus.OPEN)),
        (REQUESTED.decline("lost", NOON), charge(refunded=5025)),
    ],
)
def test_books_that_agree_are_left_alone(payment: Payment, made: Charge) -> None:
    office = Office(made, payment=payment)
    done = office.reconcile()
    assert (done.checked, done.different, done.differences) == (2, 0, ())
    assert (office.payment, office.provider.asked) == (payment, [])


@pytest.mark.parametrize(
    ("payment", "made", "kind"),
    [
        (None, charge(), K.UNKNOWN_PAYMENT),
        (None, charge(reference=None), K.UNKNOWN_PAYMENT),
        (CAPTURED, charge(amount=Money(5026, "USD")), K.OTHER_AMOUNT),
        (CAPTURED, charge(amount=Money(5025, "EUR")), K.OTHER_AMOUNT),
        (REQUESTED, charge(amount=Money(5026, "USD")), K.OTHER_AMOUNT),
        (CAPTURED, charge(refunded=25), K.OTHER_REFUNDS),
        (PARTLY, charge(), K.OTHER_REFUNDS),
    ],
)
def test_what_has_no_clear_end_is_told_and_nothing_is_done(
    payment: Payment | None, made: Charge, kind: Kind
) -> None:
    office = Office(made, payment=payment)
    reconciliation = Reconciliation(
        office.payments, office.provider, office.ledgers, office.ledgers, lambda: LATER
    )
    done = reconciliation.compare_provider(Reconciled(NOON, LATER))
    assert [it["kind"] for it in done.differences] == [kind]
    assert (done.healed, office.provider.asked, office.ledgers.noted) == (0, [], [(kind, False)])


@pytest.mark.parametrize(
    ("payment", "made", "kind", "status", "refunded"),
    [
        (REQUESTED, charge(), K.UNTOLD_RESULT, S.CAPTURED, 0),
        (REQUESTED, charge(status=ChargeStatus.DECLINED, reason="lost"), K.UNTOLD_RESULT, S.DECLINED, 0),
        (wanted_back(REQUESTED), charge(), K.UNTOLD_RESULT, S.REFUNDED, 5025),
        (wanted_back(CAPTURED), charge(), K.UNDONE_REFUND, S.REFUNDED, 5025),
        (wanted_back(CAPTURED, minor=25), charge(), K.UNDONE_REFUND, S.PARTLY_REFUNDED, 25),
    ],
)
def test_what_was_in_doubt_is_brought_to_its_end(
    payment: Payment, made: Charge, kind: Kind, status: PaymentStatus, refunded: int
) -> None:
    office = Office(made, payment=payment)
    done = office.reconcile()
    assert [(it["kind"], it["healed"]) for it in done.differences] == [(kind, True)]
    assert (office.payment.status, office.payment.refunded, done.healed) == (status, refunded, 1)
    assert sum(office.provider.refunded) == refunded


@pytest.mark.parametrize(
    "payment", [CAPTURED, REQUESTED.decline("lost", NOON), Payment.begun(request(), S.VOIDED, NOON)]
)
def test_a_charge_that_no_payment_has_is_given_back_once(payment: Payment) -> None:
    own = [charge()] if payment is CAPTURED else []
    office = Office(*own, charge(id="pi_2", refunded=25), payment=payment)
    for _ in range(2):
        assert [it["kind"] for it in office.reconcile().differences] == [K.STRAY_CHARGE]
    assert office.provider.refunded == [5000]
    assert office.payment == payment


def test_what_is_in_doubt_and_in_no_books_was_never_charged_once_its_key_is_dead() -> None:
    office = Office(payment=REQUESTED)
    assert [it["kind"] for it in office.reconcile().differences] == [K.NEVER_CHARGED]
    assert (office.payment.status, office.payment.reason) == (S.DECLINED, "never_charged")
    young = Office(payment=replace(REQUESTED, requested_at=LATER - timedelta(hours=23)))
    assert young.reconcile().different == 0
    assert young.payment.status is S.REQUESTED


def test_a_capture_that_the_provider_knows_nothing_of_is_told() -> None:
    office = Office(payment=CAPTURED)
    done = office.reconcile()
    assert [(it["kind"], it["healed"]) for it in done.differences] == [(K.MISSING_CHARGE, False)]
    assert office.payment == CAPTURED


@pytest.mark.parametrize(
    ("payment", "made", "kind"),
    [
        (REQUESTED.capture("pi_1", NOON), charge(), K.UNCONFIRMED),
        (PARTLY_REFUNDED, charge(refunded=25), K.UNCONFIRMED),
        (PARTLY_REFUNDED.confirm(NOON), charge(refunded=25), None),
        (REQUESTED.decline("lost", NOON).confirm(NOON), None, K.UNPAID),
        (Payment.begun(request(), S.VOIDED, NOON).confirm(NOON), None, K.UNPAID),
        (wanted_back(REQUESTED.capture("pi_1", NOON)).give_back(NOON), charge(refunded=5025), None),
        (REQUESTED.capture("pi_1", LATER - timedelta(hours=23)), charge(), None),
    ],
)
def test_money_is_kept_for_what_was_confirmed_and_for_nothing_else(
    payment: Payment, made: Charge | None, kind: Kind | None
) -> None:
    office = Office(*([made] if made else []), payment=payment)
    expected = [(kind, False)] if kind else []
    assert [(it["kind"], it["healed"]) for it in office.reconcile().differences] == expected
    assert office.payment == payment


def test_what_has_just_moved_is_left_to_the_next_time() -> None:
    office = Office(charge(), payment=replace(REQUESTED, changed_at=LATER))
    assert office.reconcile().different == 0


def test_one_that_cannot_be_healed_now_keeps_none_of_the_others_from_it() -> None:
    office = Office(charge(), charge(id="pi_2"), payment=CAPTURED)
    office.payments.written.append(replace(REQUESTED, reference="order-2"))
    office.ledgers.charges_made.append(charge(id="pi_3", reference="order-2"))

    def fail() -> None:
        office.provider.during = lambda: None
        raise Fault("503")

    office.provider.during = fail
    done = office.reconcile()
    assert [(it["kind"], it["healed"]) for it in done.differences] == [
        (K.STRAY_CHARGE, False),
        (K.UNTOLD_RESULT, True),
    ]
    assert office.ledgers.failures == ["Fault"]
