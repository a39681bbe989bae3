"""The transfer partner beside the saga: the stand-in's own rules and log, without HTTP between."""

from typing import Any

from bookings.domain.transfers import Transfer
from jetbridge.kernel.clock import utc_now
from payment_provider.adapters.dynamodb import DynamoLedger
from payment_provider.adapters.transfers import DynamoTransfers
from payment_provider.domain.cards import Call, Outcome
from payment_provider.domain.transfers import TransferStatus
from payment_provider.use_cases.transfers import ask_transfer, cancel_transfer

AT_ONCE = "test_at_once"
TABLES = ("LedgerTable", "CallsTable")


class Partner:
    def __init__(self, client: Any) -> None:
        self._transfers = DynamoTransfers(client, *TABLES)
        self._ledger = DynamoLedger(client, *TABLES, "by-moment")

    def ask(self, booking_id: str, pickup: str) -> Transfer:
        call = Call(utc_now(), "PUT", booking_id, None)
        made = ask_transfer(booking_id, pickup, call, transfers=self._transfers, ledger=self._ledger)
        return Transfer(made.status)

    def cancel(self, booking_id: str) -> None:
        call = Call(utc_now(), "DELETE", booking_id, None)
        cancel_transfer(booking_id, call, transfers=self._transfers, ledger=self._ledger)

    def kept(self, booking_id: str) -> int:
        """How many transfers of a booking there are, or may yet be."""
        made = self._transfers.get(booking_id)
        ended = (TransferStatus.CANCELLED, TransferStatus.FAILED)
        return int(made is not None and made.status not in ended)

    def cancellations(self, booking_id: str) -> int:
        """How often one was cancelled, and not just asked to be."""
        return sum(call.outcome is Outcome.CANCELLED for call in self._ledger.calls(booking_id))
