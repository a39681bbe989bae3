"""What the stand-in for the transfer partner does; the client's reference is the idempotency key."""

from dataclasses import replace

from payment_provider.domain.cards import Broken, Call, NoAnswer, Outcome
from payment_provider.domain.transfers import Transfer, TransferStatus
from payment_provider.ports import Ledger, Transfers


def ask_transfer(
    reference: str, pickup: str, call: Call, *, transfers: Transfers, ledger: Ledger
) -> Transfer:
    """Ask for a transfer, or how it stands. One that was cancelled before it was asked for stays cancelled.

    Raises NoAnswer, ConcurrentUpdate for two who ask at once.
    """
    seen = transfers.get(reference)
    transfer = (seen or Transfer(reference, pickup)).ask()
    told = replace(call, reference=reference)
    if transfer is seen:
        too_late = transfer.status is TransferStatus.CANCELLED
        ledger.log(told.ended(Outcome.TOO_LATE if too_late else Outcome.REPLAYED))
        return transfer
    transfers.save(transfer, told.ended(Outcome(transfer.status)))
    if seen is None and transfer.behaviour.loses_answer:
        raise NoAnswer
    return transfer


def cancel_transfer(reference: str, call: Call, *, transfers: Transfers, ledger: Ledger) -> Transfer:
    """Cancel it, also before it was asked for: what is asked for then comes too late. Raises Broken."""
    seen = transfers.get(reference) or Transfer(reference, pickup="")
    if seen.behaviour.cancel_errors:
        raise Broken
    transfer, told = seen.cancel(), replace(call, reference=reference)
    if transfer is seen:
        ledger.log(told.ended(Outcome.REPLAYED))
    else:
        transfers.save(transfer, told.ended(Outcome.CANCELLED))
    return transfer
