"""Rows of stock files become levels: a pack at a time, all of it once."""

from dataclasses import replace
from datetime import datetime

from inventory.domain.counting import take_over_all
from inventory.domain.imports import Run
from inventory.domain.ledger import holders
from inventory.domain.levels import Cause, Change, Place
from inventory.domain.packs import Accounts, Pack
from inventory.ports import Ledger, Packs, Runs, Stock, Thresholds
from inventory.use_cases.importing import end_if_complete
from inventory.use_cases.thresholds import adopt_thresholds
from jetbridge.kernel.clock import Clock
from jetbridge.kernel.contention import Pause, again

MAX_ORDERS_TOLD = 1000  # an event has at most 256 KB


def count_pack(
    pack: Pack,
    *,
    threshold: int,
    packs: Packs,
    stock: Stock,
    thresholds: Thresholds,
    ledger: Ledger,
    runs: Runs,
    clock: Clock,
    pause: Pause,
) -> Run | None:
    """Write the rows and account for them in the run; the run as it ended if this pack was its last.

    `threshold` is for products for which operators decided nothing. Levels and accounts are one
    transaction, so the pack is written once however often it is delivered. Raises ConcurrentUpdate when
    others were first too many times.
    """
    accounts, new = again(lambda: _write(pack, threshold, packs, ledger, clock()), pause=pause)
    cause = Cause(pack.import_id, pack.correlation_id, pack.import_id, clock())
    adopt_thresholds(new, cause=cause, stock=stock, thresholds=thresholds, pause=pause)
    again(lambda: packs.account(pack, accounts), pause=pause)
    return end_if_complete(pack.import_id, runs=runs, clock=clock, pause=pause)


def _write(
    pack: Pack, threshold: int, packs: Packs, ledger: Ledger, at: datetime
) -> tuple[Accounts, list[Place]]:
    """The pack's accounts, and which of its levels may be new: if it was written before, any."""
    written, levels = packs.look_up(pack)
    if written is not None:
        return written, [*levels]
    verdicts, changes = take_over_all(pack.counts(at), levels, threshold=threshold)
    accounts = Accounts.of(verdicts)
    packs.write(pack, accounts, [_with_orders(change, ledger) for change in changes])
    return accounts, [change.new.place for change in changes if change.old is None]


def _with_orders(change: Change, ledger: Ledger) -> Change:
    """A count below what is held says whose holds it concerns."""
    if change.old is None or not change.oversells:
        return change
    orders = holders(change.old, ledger.entries(change.old))
    return replace(change, new=replace(change.new, oversold_orders=tuple(orders[:MAX_ORDERS_TOLD])))
