"""Rows of stock files become levels: a pack at a time, all of it once."""

from inventory.domain.counting import take_over_all
from inventory.domain.imports import Run
from inventory.domain.packs import Accounts, Pack
from inventory.ports import Packs, Pause, Runs
from inventory.use_cases.importing import end_if_complete
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import ConcurrentUpdate

ATTEMPTS = 8  # of a read and a conditional write, before the message goes back to its queue


def count_pack(
    pack: Pack, *, threshold: int, packs: Packs, runs: Runs, clock: Clock, pause: Pause
) -> Run | None:
    """Write the rows and account for them in the run; the run as it ended if this pack was its last.

    Levels and accounts are one transaction, so the pack is written once however often it is delivered.
    Raises ConcurrentUpdate when others were first too many times.
    """
    accounts = _write(pack, threshold, packs, clock, pause)
    _account(pack, accounts, packs, pause)
    return end_if_complete(pack.import_id, runs=runs, clock=clock)


def _write(pack: Pack, threshold: int, packs: Packs, clock: Clock, pause: Pause) -> Accounts:
    for attempt in range(ATTEMPTS):
        written, levels = packs.look_up(pack)
        if written is not None:
            return written
        verdicts, changes = take_over_all(pack.counts(clock()), levels, threshold=threshold)
        accounts = Accounts.of(verdicts)
        try:
            packs.write(pack, accounts, changes)
        except ConcurrentUpdate:
            pause(attempt)
        else:
            return accounts
    raise ConcurrentUpdate(f"{pack.import_id} pack {pack.number}")


def _account(pack: Pack, accounts: Accounts, packs: Packs, pause: Pause) -> None:
    for attempt in range(ATTEMPTS):
        try:
            return packs.account(pack, accounts)
        except ConcurrentUpdate:
            pause(attempt)
    raise ConcurrentUpdate(f"{pack.import_id} accounts")
