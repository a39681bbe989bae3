"""Take money once, give it back once.

Everything here may run twice, late, at once with itself, and be cut off at any point: each question to the
provider has its own key, each write its condition, and whoever comes next goes on from what is written.
"""

from datetime import datetime, timedelta

from jetbridge.kernel.clock import Clock, to_iso
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.money import Money
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment, PaymentRequest
from payments.domain.refusals import ChargeInDoubt, PaymentDeclined, ReferenceVoided, UnknownPayment
from payments.ports import News, NewsKind, Payments, Provider

# For so long the provider is sure to remember a key. Later, asking again could move the money again.
KEY_LIFETIME = timedelta(hours=23)


def charge_payment(
    request: PaymentRequest, *, payments: Payments, provider: Provider, clock: Clock
) -> Payment:
    """Charge the reference unless that was done. Raises ReferenceVoided, AmountDiffers."""
    payment = payments.begin(Payment.begun(request, PaymentStatus.REQUESTED, clock()))
    if payment.status is PaymentStatus.VOIDED:
        raise ReferenceVoided(f"{payment.reference} was voided by a refund that came first")
    payment.must_be(request.amount)
    return _settle(payment, payments=payments, provider=provider, clock=clock)


def refund_payment(
    request: PaymentRequest, *, payments: Payments, provider: Provider, clock: Clock
) -> Payment:
    """Give back what was or may have been taken, or a part of it; if nothing was, nothing ever will be.

    Raises AmountDiffers, RefundTooLarge.
    """
    payment = payments.begin(Payment.begun(request, PaymentStatus.VOIDED, clock()))
    payment.must_be(request.amount)
    while (refund := payment.refund_for(request, clock())) is not None:
        payment = _write(payment.want_back(refund, clock()), payments)
    return _settle(payment, payments=payments, provider=provider, clock=clock)


def hear_provider(news: News, *, payments: Payments, provider: Provider, clock: Clock) -> Payment:
    """Write down what the provider tells of a payment in doubt, however old, and go on from there.

    What is known already changes nothing. Raises UnknownPayment, AmountDiffers.
    """
    payment = payments.find(news.reference)
    if payment is None:
        raise UnknownPayment(f"{news.reference} is no payment")
    if news.kind is NewsKind.CAPTURED:
        payment.must_be(news.amount)
    while (moved := _as_told(payment, news, clock)) is not None:
        payment = _write(moved, payments)
    if payment.awaits_refund:
        return _settle(payment, payments=payments, provider=provider, clock=clock)
    return payment


def note_confirmation(reference: str, amount: Money, at: datetime, *, payments: Payments) -> Payment:
    """Note that what was paid for is confirmed. Raises LookupError, AmountDiffers: both are never right."""
    payment = payments.get(reference)
    payment.must_be(amount)
    while payment.confirmed_at is None:
        payment = _write(payment.confirm(at), payments)
    return payment


def _as_told(payment: Payment, news: News, clock: Clock) -> Payment | None:
    """The payment after the news; None if that is no news to it."""
    match news.kind:
        case NewsKind.CAPTURED if payment.awaits_charge:
            return payment.capture(news.charge_id, clock())
        case NewsKind.DECLINED if payment.awaits_charge:
            return payment.decline(news.reason or "generic_decline", clock())
        case NewsKind.REFUNDED if payment.awaits_refund and news.charge_id == payment.charge_id:
            # A part says not which refund it was: then the provider is asked, by the refund's key.
            return payment.give_back(clock()) if news.amount.minor == payment.captured else None
    return None


def _settle(payment: Payment, *, payments: Payments, provider: Provider, clock: Clock) -> Payment:
    """Ask the provider what is open and write its answer down, until nothing is open.

    A charge whose result nobody knows is asked for again by its key. So whoever comes first learns it, and
    then gives back what is wanted back, no matter whose message it was.
    """
    while payment.awaits_charge or payment.awaits_refund:
        step = _charged if payment.awaits_charge else _refunded
        payment = _write(step(payment, provider, clock), payments)
    return payment


def _charged(payment: Payment, provider: Provider, clock: Clock) -> Payment:
    if clock() - payment.requested_at > KEY_LIFETIME:
        raise ChargeInDoubt(f"{payment.reference} was first charged at {to_iso(payment.requested_at)}")
    try:
        charge_id = provider.charge(payment)
    except PaymentDeclined as refusal:
        return payment.decline(refusal.detail, clock())
    return payment.capture(charge_id, clock())


def _refunded(payment: Payment, provider: Provider, clock: Clock) -> Payment:
    refund = payment.open_refunds[0]
    long_ago = clock() - refund.asked_at > KEY_LIFETIME
    if not (long_ago and provider.has_refunded(payment, refund)):
        provider.refund(payment, refund)
    return payment.give_back(clock())


def _write(payment: Payment, payments: Payments) -> Payment:
    """The payment as it is after the write; if someone wrote first, as they left it. Versions only grow, so
    every loop over this ends."""
    try:
        payments.save(payment)
    except ConcurrentUpdate:
        return payments.get(payment.reference)
    return payment
