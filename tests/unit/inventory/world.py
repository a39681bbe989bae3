"""Everything that an import of a stock file meets, in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from inventory.domain.files import StoredFile
from inventory.domain.imports import Run
from inventory.use_cases.counting import count_pack
from inventory.use_cases.importing import import_stock_file, read_on, rerun_import
from inventory.use_cases.reading import Desk, Rules
from jetbridge.kernel.clock import Clock
from tests.fakes.inventory import (
    MemoryFiles,
    MemoryLedger,
    MemoryPacks,
    MemoryQueue,
    MemoryReader,
    MemoryRuns,
    MemoryStock,
    MemoryThresholds,
    no_pause,
)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HEADER = "product_id,location,quantity,update_date\n"
RULES = Rules(rows_per_message=3, max_rejected_share=10)


def rows(number: int, *, bad: int = 0) -> str:
    good = [f"P{n},LHR,{n},2026-11-20\n" for n in range(number - bad)]
    return HEADER + "".join(good) + "P,LHR,many,2026-11-20\n" * bad


def a_file(key: str = "incoming/stock.csv", etag: str = "e1", version: str = "v1") -> StoredFile:
    return StoredFile("bucket", key, etag, 100, version)


@dataclass
class World:
    runs: MemoryRuns = field(default_factory=MemoryRuns)
    files: MemoryFiles = field(default_factory=MemoryFiles)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    stock: MemoryStock = field(default_factory=MemoryStock)
    thresholds: MemoryThresholds = field(default_factory=MemoryThresholds)
    reader: MemoryReader = field(default_factory=MemoryReader)
    clock: Clock = lambda: NOW
    until: datetime = NOW + timedelta(minutes=14)
    packs: MemoryPacks = field(init=False)

    def __post_init__(self) -> None:
        self.packs = MemoryPacks(self.stock, self.runs)

    def read(self, text: str, file: StoredFile | None = None) -> Run:
        file = file or a_file()
        self.files.contents[file.key] = text
        return import_stock_file(file, self.desk())

    def desk(self) -> Desk:
        return Desk(
            RULES,
            self.until,
            runs=self.runs,
            files=self.files,
            queue=self.queue,
            reader=self.reader,
            clock=self.clock,
            pause=no_pause,
        )

    def read_on(self) -> Run:
        """The next reader does what it was told to."""
        return read_on(self.reader.orders.pop(0), self.desk())

    def rerun(self, import_id: str) -> Run:
        return rerun_import(import_id, runs=self.runs, reader=self.reader, clock=lambda: NOW)

    def write(self, number: int) -> Run | None:
        return count_pack(
            self.queue.packs[number],
            threshold=0,
            packs=self.packs,
            stock=self.stock,
            thresholds=self.thresholds,
            ledger=MemoryLedger(self.stock),
            runs=self.runs,
            clock=lambda: NOW,
            pause=no_pause,
        )

    def write_all(self) -> Run | None:
        (ended,) = [self.write(number) for number in range(len(self.queue.packs))][-1:] or [None]
        return ended

    def run(self, file: StoredFile | None = None) -> Run:
        return self.runs.runs[(file or a_file()).identity]
