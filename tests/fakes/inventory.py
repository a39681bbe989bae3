"""Stock, import runs, files and the queue of packs in memory, keeping the promises of the ports."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from inventory.domain.files import StoredFile
from inventory.domain.holds import Hold, HoldStatus
from inventory.domain.imports import Checkpoint, Reading, Run, RunStatus
from inventory.domain.ledger import Entry
from inventory.domain.levels import Change, Level, Place, Threshold
from inventory.domain.packs import Accounts, Pack
from inventory.domain.stock_file import Fault
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.pages import Page


def no_pause(_: int) -> None:
    """Nothing to wait for in memory."""


@dataclass
class Writes:
    """`before` runs in front of each write: others write there, or it raises for a call that never came.

    `lose_answers` lets that many writes take effect and raise all the same, as a cut connection does.
    """

    before: Callable[[], None] = lambda: None
    lose_answers: int = 0

    def done(self) -> None:
        if self.lose_answers:
            self.lose_answers -= 1
            raise ConnectionError("the answer was lost")


@dataclass
class MemoryStock:
    """Stock, and the levels of MemoryPacks."""

    levels: dict[Place, Level] = field(default_factory=dict)
    ledger: list[Level] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)
    writes: Writes = field(default_factory=Writes)

    def levels_of(self, product_id: str) -> Sequence[Level]:
        return [level for place, level in self.levels.items() if place.product_id == product_id]

    def levels_at(self, places: Iterable[Place]) -> Mapping[Place, Level]:
        return {place: self.levels[place] for place in places if place in self.levels}

    def hold_of(self, order_id: str) -> Hold | None:
        return self.holds.get(order_id)

    def expired_orders(self, moment: datetime) -> Iterator[str]:
        held = (hold for hold in self.holds.values() if hold.status == HoldStatus.HELD)
        past = [(hold.expires_at, hold.order_id) for hold in held if hold.has_expired(moment)]
        return (order_id for _, order_id in sorted(past, key=str))

    def save_hold(self, hold: Hold, changes: Sequence[Change]) -> bool:
        self.writes.before()
        stored = self.holds.get(hold.order_id)
        if (stored.version if stored else 0) != hold.version - 1:
            return False
        self.change(changes)
        self.holds[hold.order_id] = hold
        self.writes.done()
        return True

    def save_level(self, change: Change) -> None:
        self.writes.before()
        self.change([change])
        self.writes.done()

    def change(self, changes: Sequence[Change]) -> None:
        """All changes or none. Raises ConcurrentUpdate."""
        for change in changes:
            if self.levels.get(change.new.place) != change.old:
                raise ConcurrentUpdate(str(change.new.place))
        for change in changes:
            self.levels[change.new.place] = change.new
            self.ledger += [change.new] if change.new.moved_units else []

    def ledger_sums(self) -> dict[Place, tuple[int, int]]:
        """On hand and held of each place as its ledger adds up."""
        on_hand: Counter[Place] = Counter()
        held: Counter[Place] = Counter()
        for entry in self.ledger:
            on_hand[entry.place] += entry.on_hand_change
            held[entry.place] += entry.held_change
        return {place: (on_hand[place], held[place]) for place in self.levels}


@dataclass
class MemoryThresholds:
    decided: dict[str, Threshold] = field(default_factory=dict)
    writes: Writes = field(default_factory=Writes)

    def of(self, product_ids: Iterable[str]) -> Mapping[str, Threshold]:
        return {each: self.decided[each] for each in product_ids if each in self.decided}

    def save(self, threshold: Threshold) -> None:
        self.writes.before()
        before = self.decided.get(threshold.product_id)
        if (before.version if before else 0) != threshold.version - 1:
            raise ConcurrentUpdate(threshold.product_id)
        self.decided[threshold.product_id] = threshold
        self.writes.done()


@dataclass
class MemoryLedger:
    stock: MemoryStock

    def page(self, product_id: str, *, limit: int, cursor: str | None) -> Page[Entry]:
        raise NotImplementedError  # no use case asks for it

    def entries(self, level: Level) -> Iterator[Entry]:
        for known in reversed(self.stock.ledger):
            if known.place == level.place and known.version <= level.version:
                yield Entry(
                    known.place,
                    known.reason,
                    known.cause,
                    known.on_hand_change,
                    known.held_change,
                    known.on_hand,
                    known.held,
                    known.version,
                )

    def levels(self, shard: int, *, limit: int, cursor: str | None) -> Page[Level]:
        """All in shard 0, one a page."""
        levels = [*self.stock.levels.values()] if shard == 0 else []
        first = int(cursor or 0)
        return Page(levels[first : first + 1], str(first + 1) if first + 1 < len(levels) else None)


@dataclass
class MemoryRuns:
    runs: dict[str, Run] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    writes: Writes = field(default_factory=Writes)

    def get(self, import_id: str) -> Run | None:
        return self.runs.get(import_id)

    def page(self, *, key: str | None, limit: int, cursor: str | None) -> Page[Run]:
        found = [run for run in self.runs.values() if key in (None, run.key)]
        return Page(sorted(found, key=lambda run: run.created_at, reverse=True)[:limit], None)

    def add(self, run: Run) -> bool:
        return self.runs.setdefault(run.import_id, run) is run

    def start(self, import_id: str, file: StoredFile, at: datetime) -> Run | None:
        run = self.runs.get(import_id)
        if run and run.status == RunStatus.AWAITING_UPLOAD:
            started = {"status": RunStatus.RUNNING, "file": file, "started_at": at}
            run = self._change(run, **started)
        return run if run and run.file == file else None

    def claim(self, file: StoredFile, import_id: str, *, instead_of: str | None = None) -> str:
        if self.claims.get(file.content) in (None, import_id, instead_of):
            self.claims[file.content] = import_id
        return self.claims[file.content]

    def checkpoint(self, import_id: str, checkpoint: Checkpoint) -> bool:
        self.writes.before()
        run = self.runs[import_id]
        if run.reading or run.checkpoint.packs > checkpoint.packs:
            return False
        self._change(run, checkpoint=checkpoint)
        self.writes.done()
        return True

    def end_reading(self, import_id: str, reading: Reading) -> None:
        self.writes.before()
        run = self.runs[import_id]
        self._change(run, reading=run.reading or reading)
        self.writes.done()

    def end(self, run: Run) -> bool:
        self.writes.before()
        stored = self.runs[run.import_id]
        if stored.status != RunStatus.RUNNING:
            return False
        self._change(stored, status=run.status, ended_at=run.ended_at, duplicate_of=run.duplicate_of)
        return True

    def account(self, import_id: str, accounts: Accounts) -> None:
        run = self.runs[import_id]
        known = run.accounts
        added = Accounts(
            known.written + accounts.written,
            known.unchanged + accounts.unchanged,
            known.stale + accounts.stale,
        )
        self._change(run, accounts=added)

    def _change(self, run: Run, **values: object) -> Run:
        changed = replace(run, version=run.version + 1, **values)  # type: ignore[arg-type]
        self.runs[run.import_id] = changed
        return changed


@dataclass
class MemoryPacks:
    stock: MemoryStock
    runs: MemoryRuns
    written: dict[tuple[str, int], Accounts] = field(default_factory=dict)
    accounted: set[tuple[str, int]] = field(default_factory=set)
    writes: Writes = field(default_factory=Writes)

    def look_up(self, pack: Pack) -> tuple[Accounts | None, Mapping[Place, Level]]:
        return self.written.get((pack.import_id, pack.number)), self.stock.levels_at(pack.places())

    def write(self, pack: Pack, accounts: Accounts, changes: Sequence[Change]) -> None:
        self.writes.before()
        if (pack.import_id, pack.number) in self.written:
            raise ConcurrentUpdate("pack")
        self.stock.change(changes)
        self.written[pack.import_id, pack.number] = accounts
        self.writes.done()

    def account(self, pack: Pack, accounts: Accounts) -> None:
        self.writes.before()
        if (pack.import_id, pack.number) not in self.accounted:
            self.accounted.add((pack.import_id, pack.number))
            self.runs.account(pack.import_id, accounts)
        self.writes.done()


@dataclass
class MemoryReport:
    reports: dict[str, list[Fault]]
    faults: list[Fault]

    def add(self, fault: Fault) -> None:
        self.faults.append(fault)

    def save(self, name: str) -> str:
        key = f"reports/{name}.csv"
        self.reports[key] = [*self.faults]
        return key


@dataclass
class MemoryFiles:
    """`contents` by key. `break_after` lines reading ends with an error, as a cut connection does."""

    contents: dict[str, str] = field(default_factory=dict)
    reports: dict[str, list[Fault]] = field(default_factory=dict)
    break_after: int | None = None

    def pieces(self, file: StoredFile, start: int) -> Iterator[bytes]:
        for number, line in enumerate(self.contents[file.key].encode()[start:].splitlines(keepends=True)):
            if number == self.break_after:
                raise ConnectionError("the connection broke")
            yield line

    @contextmanager
    def error_report(self, file: StoredFile, so_far: Checkpoint) -> Iterator[MemoryReport]:
        listed = self.reports[so_far.error_report] if so_far.error_report else []
        yield MemoryReport(self.reports, [*listed])


@dataclass
class MemoryReader:
    """Remembers which runs are to be read on."""

    orders: list[str] = field(default_factory=list)

    def read_on(self, import_id: str) -> None:
        self.orders.append(import_id)


@dataclass
class MemoryQueue:
    """Refuses each pack number of `refuse` as many times as it says."""

    calls: list[list[Pack]] = field(default_factory=list)
    refuse: Counter[int] = field(default_factory=Counter)

    def send(self, packs: Sequence[Pack]) -> Sequence[Pack]:
        refused = [pack for pack in packs if self.refuse[pack.number] > 0]
        self.refuse.subtract(pack.number for pack in refused)
        self.calls.append([pack for pack in packs if pack not in refused])
        return refused

    @property
    def packs(self) -> list[Pack]:
        return [pack for call in self.calls for pack in call]
