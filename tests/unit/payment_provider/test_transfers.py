"""The stand-in for the transfer partner: pickups behave as named, what comes twice is done once."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from payment_provider.domain.cards import Broken, Call, NoAnswer
from payment_provider.domain.transfers import TransferStatus
from payment_provider.use_cases.transfers import ask_transfer, cancel_transfer
from tests.fakes.payment_provider import InMemoryLedger, InMemoryTransfers

CALL = Call(datetime(2026, 11, 21, 12, tzinfo=UTC), "PUT", "/v1/transfers/booking-1", None)


@dataclass
class Partner:
    ledger: InMemoryLedger = field(default_factory=InMemoryLedger)

    def __post_init__(self) -> None:
        self.transfers = InMemoryTransfers(self.ledger)

    def ask(self, pickup: str = "LHR") -> TransferStatus:
        return ask_transfer("booking-1", pickup, CALL, transfers=self.transfers, ledger=self.ledger).status

    def cancel(self) -> TransferStatus:
        call = replace(CALL, method="DELETE")
        return cancel_transfer("booking-1", call, transfers=self.transfers, ledger=self.ledger).status

    @property
    def outcomes(self) -> list[str]:
        return [call.outcome for call in self.ledger.calls("booking-1")]


@pytest.mark.parametrize(
    ("pickup", "answers"),
    [
        ("LHR Terminal 5", ["pending", "confirmed", "confirmed"]),
        ("test_at_once", ["confirmed", "confirmed"]),
        ("test_slow", ["pending"] * 4 + ["confirmed"]),
        ("test_never", ["pending"] * 6),
        ("test_failure", ["pending", "failed", "failed"]),
    ],
)
def test_a_pickup_behaves_as_its_name_says(pickup: str, answers: list[str]) -> None:
    partner = Partner()
    assert [partner.ask(pickup) for _ in answers] == answers


def test_an_answer_that_is_lost_leaves_the_transfer_asked_for() -> None:
    partner = Partner()
    with pytest.raises(NoAnswer):
        partner.ask("test_answer_lost")
    assert partner.ask("test_answer_lost") is TransferStatus.CONFIRMED
    assert partner.outcomes == ["pending", "confirmed"]


@pytest.mark.parametrize("asked", range(3))
def test_a_cancelled_transfer_stays_cancelled_whatever_comes_late(asked: int) -> None:
    partner = Partner()
    for _ in range(asked):
        partner.ask()
    for _ in range(2):
        assert partner.cancel() is TransferStatus.CANCELLED
    assert partner.ask() is TransferStatus.CANCELLED
    assert partner.outcomes[asked:] == ["cancelled", "replayed", "too_late"]


def test_a_cancellation_can_be_refused_for_good() -> None:
    partner = Partner()
    partner.ask("test_cancel_error")
    with pytest.raises(Broken):
        partner.cancel()
    assert partner.ask("test_cancel_error") is TransferStatus.CONFIRMED
