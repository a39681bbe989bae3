"""What payments needs from the world outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from jetbridge.kernel.money import Money
from payments.domain.payments import Payment, Refund


class Payments(Protocol):
    def begin(self, payment: Payment) -> Payment:
        """Write the payment if its reference has none; else give the one that is there, as it is now."""

    def find(self, reference: str) -> Payment | None:
        """The payment of the reference, if there is one."""

    def get(self, reference: str) -> Payment:
        """The payment as it is now, not as it was a moment ago."""

    def save(self, payment: Payment) -> None:
        """Write the next version of a payment. Raises ConcurrentUpdate if that version was written before."""


class Provider(Protocol):
    """Each question has a key of its own, made from the reference and the step: asked again, the provider
    gives its first answer again. Whatever is raised besides refusals is a fault: it may have happened."""

    def charge(self, payment: Payment) -> str:
        """Take the payment's amount; the id of the charge. Raises PaymentDeclined."""

    def refund(self, payment: Payment, refund: Refund) -> None:
        """Give this refund of the payment's charge back."""

    def has_refunded(self, payment: Payment, refund: Refund) -> bool:
        """Whether that was done, as the provider's own books say: they outlive the keys."""


class NewsKind(StrEnum):
    CAPTURED = "captured"
    DECLINED = "declined"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class News:
    """What the provider tells unasked. `amount` is what moved in all; `reason` says why nothing did."""

    kind: NewsKind
    reference: str
    charge_id: str
    amount: Money
    reason: str | None = None


class Events[Event](Protocol):
    def publish(self, events: Sequence[Event]) -> int:
        """Tell the events in order, as far as it goes: how many of them, from the first on, were told.

        Later ones may be told too; telling them again is harmless.
        """
