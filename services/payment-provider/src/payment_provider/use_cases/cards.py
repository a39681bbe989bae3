"""What the stand-in does when it is called; at most one call with the same idempotency key at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from jetbridge.kernel.money import Money
from payment_provider.domain.cards import (
    HANG_SECONDS,
    LATE,
    METHODS,
    Broken,
    Call,
    Intent,
    InvalidRequest,
    NoAnswer,
    Outcome,
    Page,
    Refund,
    id_for,
)
from payment_provider.ports import Ledger

type Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class ChargeAsked:
    key: str
    amount: Money
    payment_method: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """`minor` None: all that is left of the charge."""

    key: str
    intent_id: str
    minor: int | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ListAsked:
    """A page of at most `limit`, newest first; `starting_after` is the last id of the page before."""

    limit: int
    starting_after: str | None
    created_from: datetime | None = None
    created_before: datetime | None = None


def create_intent(asked: ChargeAsked, call: Call, *, ledger: Ledger, sleep: Sleep) -> Intent:
    """Charge, decline or fail, as the payment method says. Raises InvalidRequest, Broken, NoAnswer."""
    intent_id = id_for("pi", asked.key)
    made = ledger.intent(intent_id)
    if made:
        ledger.log(call.ended(Outcome.REPLAYED))
        return made
    _misbehave(asked, call, ledger=ledger, sleep=sleep)
    intent = Intent(
        id=intent_id,
        amount=asked.amount,
        payment_method=asked.payment_method,
        metadata=asked.metadata,
        created=call.at,
        decline_code=METHODS[asked.payment_method].decline_code,
        settles_at=call.at + LATE if METHODS[asked.payment_method].late else None,
    )
    outcome = Outcome.DECLINED if intent.decline_code else Outcome.CHARGED
    ledger.add_intent(intent, call.ended(outcome))
    if METHODS[asked.payment_method].loses_answer:
        raise NoAnswer
    return intent


def _misbehave(asked: ChargeAsked, call: Call, *, ledger: Ledger, sleep: Sleep) -> None:
    method = METHODS.get(asked.payment_method)
    if method is None:
        detail = f"No such PaymentMethod: '{asked.payment_method}'"
        raise InvalidRequest("resource_missing", detail, "payment_method")
    if method.hangs:
        ledger.log(call.ended(Outcome.HUNG))
        sleep(HANG_SECONDS)
        raise NoAnswer
    if _errors(call, ledger) < method.errors:
        raise Broken
    sleep(method.seconds)


def _errors(call: Call, ledger: Ledger) -> int:
    """How often a call with this key was answered 500 before."""
    return sum(
        other.idempotency_key == call.idempotency_key and other.outcome is Outcome.ERROR
        for other in ledger.calls(call.reference)
    )


def create_refund(asked: RefundAsked, call: Call, *, ledger: Ledger) -> Refund:
    """Give back some of a charge or all that is left. Raises InvalidRequest, Broken."""
    refund_id = id_for("re", asked.key)
    made = ledger.refund(refund_id)
    if made:
        ledger.log(call.ended(Outcome.REPLAYED))
        return made
    intent = ledger.intent(asked.intent_id)
    if intent is None:
        detail = f"No such payment_intent: '{asked.intent_id}'"
        raise InvalidRequest("resource_missing", detail, "payment_intent")
    if METHODS[intent.payment_method].refund_errors:
        raise Broken
    amount = _refundable(intent, asked.minor)
    refund = Refund(refund_id, intent.id, amount, asked.metadata, call.at)
    told = replace(call, amount=amount, reference=call.reference or intent.metadata.get("reference"))
    ledger.add_refund(refund, intent, told.ended(Outcome.REFUNDED))
    return refund


def _refundable(intent: Intent, minor: int | None) -> Money:
    if intent.decline_code:
        detail = "This PaymentIntent does not have a successful charge to refund."
        raise InvalidRequest("payment_intent_unexpected_state", detail, "payment_intent")
    left = intent.amount.minor - intent.refunded
    if left == 0:
        raise InvalidRequest("charge_already_refunded", "The charge has already been refunded.")
    if minor is not None and minor > left:
        detail = f"Refund amount ({minor}) is greater than unrefunded amount on charge ({left})"
        raise InvalidRequest("amount_too_large", detail, "amount")
    return Money(left if minor is None else minor, intent.amount.currency)


def list_intents(asked: ListAsked, call: Call, *, ledger: Ledger) -> Page[Intent]:
    """Raises InvalidRequest if there is nothing to start after."""
    start = _start(asked, ledger.intent)
    page = ledger.newest_intents(asked.created_from, asked.created_before, start, asked.limit)
    ledger.log(call.ended(Outcome.READ))
    return page


def list_refunds(asked: ListAsked, intent_id: str, call: Call, *, ledger: Ledger) -> Page[Refund]:
    """Raises InvalidRequest if there is nothing to start after."""
    page = ledger.newest_refunds(intent_id, _start(asked, ledger.refund), asked.limit)
    ledger.log(call.ended(Outcome.READ))
    return page


def _start[Kind](asked: ListAsked, find: Callable[[str], Kind | None]) -> Kind | None:
    if asked.starting_after is None:
        return None
    start = find(asked.starting_after)
    if start is None:
        raise InvalidRequest(
            "resource_missing", f"No such object: '{asked.starting_after}'", "starting_after"
        )
    return start


def get_intent(intent_id: str, call: Call, *, ledger: Ledger) -> Intent:
    """Raises InvalidRequest if there is none."""
    intent = ledger.intent(intent_id)
    if intent is None:
        raise InvalidRequest("resource_missing", f"No such payment_intent: '{intent_id}'", "intent")
    ledger.log(replace(call, reference=intent.metadata.get("reference")).ended(Outcome.READ))
    return intent
