"""A stock file as rows and faults: a CSV with the columns product_id, location, quantity, update_date.

Read in one pass, as many rows at a time as travel together. A bad row never stops a good one; a bad header
stops the file.
"""

import csv
from collections.abc import Callable, Iterable
from itertools import chain, count, islice
from typing import TYPE_CHECKING, NamedTuple

from inventory.domain import cells
from inventory.domain.header import Header, read_header
from inventory.domain.lines import MAX_FIELD, START, Lines, Seam

if TYPE_CHECKING:
    from _csv import Reader

SHOWN = 100  # so much of a bad value is shown

_MARK = "\ufeff"  # of UTF-8, at the beginning of some files
_NO_HEADER = Header(",", 0, tuple)  # and then there is nothing else

# A good row: line, product_id, location, quantity, update_date. The date is ISO 8601 in UTC with fixed width,
# so that it sorts. A plain tuple: a named one takes twice as long to make and to encode.
type Row = tuple[int, str, str, int, str]

type OpenAt = Callable[[int], Iterable[bytes]]  # the file from so many bytes on, in pieces of any size


class Fault(NamedTuple):
    """A bad row: where, what, and why as a stable word."""

    line: int
    column: str
    value: str
    reason: str


class StockFileReader:
    """Good rows in the order of the file; `on_fault` is told of the others. `seam` is behind the last one.

    A row that is dated after `latest` is a fault. `start` is a seam of an earlier reader. Bytes that are no
    UTF-8 are faults of their rows, not an end. Blank lines and lines of empty fields are nothing. Raises
    UnreadableFile.
    """

    def __init__(
        self, open_at: OpenAt, on_fault: Callable[[Fault], None], latest: str, start: Seam = START
    ) -> None:
        csv.field_size_limit(MAX_FIELD)
        self._on_fault = on_fault
        self._latest = latest
        self._lines = Lines(open_at(0))
        self._header = self._read_header()
        if start.bytes:
            self._lines = Lines(open_at(start.bytes), start)
        self._start_again()

    @property
    def seam(self) -> Seam:
        return self._lines.seam

    def take(self, number: int) -> list[Row]:
        """The next `number` good rows; fewer at the end of the file only."""
        rows = self._take_plain(number)
        return self._take_one_by_one(number) if rows is None else rows

    def _read_header(self) -> Header:
        """It is the first line that is not blank."""
        for line in self._lines:
            self._lines.done += 1
            if (text := line.removeprefix(_MARK)).strip():
                return read_header(text)
        return _NO_HEADER

    def _start_again(self) -> None:
        """What was read and is not done with comes again."""
        self._ahead = iter(self._lines)
        self._records, self._started_at = self._parse(self._ahead), self._lines.done

    def _parse(self, lines: Iterable[str]) -> "Reader":
        return csv.reader(lines, delimiter=self._header.delimiter, skipinitialspace=True)

    @property
    def _taken(self) -> int:
        """Lines of `_records` that are not done with."""
        return self._started_at + self._records.line_num - self._lines.done

    def _take_plain(self, number: int) -> list[Row] | None:
        """All at once, when each of the next lines is a good row, as is usual; else None: nothing is done."""
        lines = [*islice(self._ahead, number)]
        try:
            rows = self._rows(self._split(lines)) if lines else []
        except (csv.Error, cells.BadCell):
            return None
        self._lines.done += len(rows)
        return rows

    def _split(self, lines: list[str]) -> list[list[str]]:
        """A record of each line. Without quotes commas are all there is to it, and much is faster."""
        if '"' not in "".join(lines) and max(map(len, lines)) <= MAX_FIELD:
            return [line.split(self._header.delimiter) for line in lines]
        records = self._parse(chain(lines, self._ahead))
        found = [*islice(records, len(lines))]
        if len(found) != len(lines) or records.line_num != len(lines):
            raise csv.Error("a record of several lines")
        return found

    def _take_one_by_one(self, number: int) -> list[Row]:
        rows: list[Row] = []
        self._start_again()
        while len(rows) < number:
            fields: list[str] = []
            try:
                fields = next(self._records)
                rows += self._rows([fields])
                self._lines.done += self._taken
            except StopIteration:
                break
            except csv.Error:
                self._tell(cells.BadCell("", "", "field_too_long"))
            except cells.BadCell as bad:
                if any(field.strip() for field in fields):
                    self._tell(bad)
                else:
                    self._lines.done += self._taken
        return rows

    def _rows(self, records: list[list[str]]) -> list[Row]:
        """The records, the first of which begins at the next line. Raises BadCell."""
        if {*map(len, records)} != {self._header.width}:
            raise cells.BadCell("", ",".join(records[0]), "wrong_field_count")
        columns = self._header.pick(list(zip(*records, strict=True)))
        product_ids = cells.product_ids(columns[0])
        locations = [*cells.locations(columns[1])]
        quantities = [*cells.quantities(columns[2])]
        dates = [*cells.update_dates(columns[3])]
        if max(dates) > self._latest:  # every true count after it would be stale
            raise cells.BadCell("update_date", columns[3][0], "in_the_future")
        lines = count(self._lines.done + 1)
        return list(zip(lines, product_ids, locations, quantities, dates, strict=False))

    def _tell(self, bad: cells.BadCell) -> None:
        """A quote that nothing closes makes one record of many lines: then only its first line is at fault,
        and the others are read again."""
        fault = Fault(self._lines.done + 1, bad.column, bad.value[:SHOWN], bad.reason)
        several = self._taken > 1
        if several:
            fault = Fault(fault.line, "", self._lines.next.rstrip()[:SHOWN], "unclosed_quote")
        self._lines.done += 1
        if several:
            self._start_again()
        self._on_fault(fault)
