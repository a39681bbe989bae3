"""What the stand-ins know of cards, charges, refunds and calls. Standard library only."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.ids import stable_id
from jetbridge.kernel.money import Money

LATE = timedelta(seconds=5)  # as long as the queue of webhooks keeps them back
LONGEST_VALUE = 500  # characters of metadata, as Stripe has it
HANG_SECONDS = 20  # longer than any client should wait, shorter than the gateway does


@dataclass(frozen=True, slots=True)
class Method:
    """How a payment method behaves. `errors` is how many charges with one key answer 500 before one works."""

    decline_code: str | None = None
    errors: int = 0
    seconds: int = 0
    hangs: bool = False
    loses_answer: bool = False
    late: bool = False
    refund_errors: bool = False


METHODS: Mapping[str, Method] = {
    "pm_card_visa": Method(),
    "pm_card_chargeDeclined": Method(decline_code="generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": Method(decline_code="insufficient_funds"),
    "pm_test_error_twice": Method(errors=2),
    "pm_test_error_always": Method(errors=sys.maxsize),
    "pm_test_hang": Method(hangs=True),
    "pm_test_answer_lost": Method(loses_answer=True),
    "pm_test_late": Method(late=True),
    "pm_test_slow": Method(seconds=3),
    "pm_test_refund_error": Method(refund_errors=True),
}


class Outcome(StrEnum):
    """What became of a call. Every charge there is has exactly one call that says `charged`."""

    CHARGED = "charged"
    DECLINED = "declined"
    REFUNDED = "refunded"
    READ = "read"
    REPLAYED = "replayed"
    IN_FLIGHT = "in_flight"
    KEY_REUSED = "key_reused"
    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized"
    ERROR = "error"
    HUNG = "hung"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it was received; what it did not say is None."""

    at: datetime
    method: str
    path: str
    idempotency_key: str | None
    reference: str | None = None
    amount: Money | None = None
    outcome: Outcome = Outcome.ERROR

    def ended(self, outcome: Outcome) -> "Call":
        return replace(self, outcome=outcome)


@dataclass(frozen=True, slots=True)
class Intent:
    """A PaymentIntent, confirmed at once: charged, or declined if `decline_code` says why.

    `refunded` counts minor units. It is processing until `settles_at`.
    """

    id: str
    amount: Money
    payment_method: str
    metadata: Mapping[str, str]
    created: datetime
    decline_code: str | None = None
    refunded: int = 0
    settles_at: datetime | None = None

    def is_settled(self, now: datetime) -> bool:
        return self.settles_at is None or self.settles_at <= now


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    intent_id: str
    amount: Money
    metadata: Mapping[str, str]
    created: datetime


@dataclass(frozen=True, slots=True)
class Page[Kind]:
    """A part of a list, newest first."""

    items: Sequence[Kind]
    has_more: bool


class InvalidRequest(DomainError):
    """Stripe's invalid_request_error: `param` is what is wrong, `code` how."""

    def __init__(self, code: str, detail: str, param: str | None = None) -> None:
        super().__init__(detail)
        self.stripe_code = code
        self.param = param


class Broken(Exception):
    """The stand-in fails on purpose, before anything happened: nothing is remembered of the call."""


class NoAnswer(Exception):
    """The client gets no answer that says anything; the call is logged already."""


def id_for(prefix: str, idempotency_key: str) -> str:
    """The same key makes the same object, also when the first attempt crashed after its write."""
    return f"{prefix}_{stable_id(prefix, idempotency_key).replace('-', '')}"
