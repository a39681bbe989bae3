"""What payments needs from the world outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from payments.domain.circuit import Circuit
from payments.domain.payments import Payment, Refund
from payments.domain.reconciling import Charge, Kind


class Payments(Protocol):
    def begin(self, payment: Payment) -> Payment:
        """Write the payment if its reference has none; else give the one that is there, as it is now."""

    def find(self, reference: str) -> Payment | None:
        """The payment of the reference, if there is one."""

    def get(self, reference: str) -> Payment:
        """The payment as it is now, not as it was a moment ago."""

    def save(self, payment: Payment) -> None:
        """Write the next version of a payment. Raises ConcurrentUpdate if that version was written before."""

    def requested(self, since: datetime, until: datetime, cursor: str | None) -> Page[Payment]:
        """Payments that were begun in this time, a page of them."""


class Provider(Protocol):
    """Each question has a key of its own, made from the reference and the step: asked again, the provider
    gives its first answer again. Whatever is raised besides refusals is a fault: it may have happened."""

    def charge(self, payment: Payment) -> str:
        """Take the payment's amount; the id of the charge. Raises PaymentDeclined."""

    def refund(self, payment: Payment, refund: Refund) -> None:
        """Give this refund of the payment's charge back."""

    def give_back_stray(self, charge: Charge) -> None:
        """Give all that is left of a charge back that no payment has."""

    def has_refunded(self, payment: Payment, refund: Refund) -> bool:
        """Whether that was done, as the provider's own books say: they outlive the keys."""


class ProviderUnavailable(Exception):
    """The provider was not asked, since it does not answer; it may be in `retry_in` seconds."""

    def __init__(self, retry_in: int) -> None:
        super().__init__(f"not asked for another {retry_in} s")
        self.retry_in = retry_in


class Circuits(Protocol):
    """The circuit of one provider, the same for all who ask it."""

    def get(self) -> Circuit:
        """As it is now."""

    def save(self, circuit: Circuit) -> None:
        """Write the next version. Raises ConcurrentUpdate if that version was written before."""


class Books(Protocol):
    """What the provider has written down, whoever asked for it."""

    def charges(self, since: datetime, until: datetime, cursor: str | None) -> Page[Charge]:
        """Charges that were begun in this time."""

    def has_charge(self, charge_id: str) -> bool: ...


class Log(Protocol):
    """Where differences are noted."""

    def found(self, kind: Kind, reference: str, charge_id: str, *, healed: bool) -> None: ...

    def not_healed(self, kind: Kind, reference: str, fault: Exception) -> None: ...


class Reconciliations(Protocol):
    def start(self, name: str) -> None:
        """Have the books compared now, on its own time. `name` is unique for 90 days."""


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
