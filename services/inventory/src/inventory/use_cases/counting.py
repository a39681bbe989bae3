"""Rows of stock files become levels: a pack at a time, all of it once."""

from inventory.domain.counting import take_over_all
from inventory.domain.imports import Run
from inventory.domain.packs import Accounts, Pack
from inventory.ports import Packs, Pause, Runs
from inventory.use_cases.contention import again
from inventory.use_cases.importing import end_if_complete
from jetbridge.kernel.clock import Clock


def count_pack(
    pack: Pack, *, threshold: int, packs: Packs, runs: Runs, clock: Clock, pause: Pause
) -> Run | None:
    """Write the rows and account for them in the run; the run as it ended if this pack was its last.

    Levels and accounts are one transaction, so the pack is written once however often it is delivered.
    Raises ConcurrentUpdate when others were first too many times.
    """

    def write() -> Accounts:
        written, levels = packs.look_up(pack)
        if written is not None:
            return written
        verdicts, changes = take_over_all(pack.counts(clock()), levels, threshold=threshold)
        accounts = Accounts.of(verdicts)
        packs.write(pack, accounts, changes)
        return accounts

    accounts = again(write, pause=pause)
    again(lambda: packs.account(pack, accounts), pause=pause)
    return end_if_complete(pack.import_id, runs=runs, clock=clock, pause=pause)
