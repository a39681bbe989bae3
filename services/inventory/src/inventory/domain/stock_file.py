"""A stock file as rows and faults: a CSV with the columns product_id, location, quantity, update_date.

Read in one pass, as many rows at a time as travel together. A bad row never stops a good one; a bad header
stops the file.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count, islice
from typing import TYPE_CHECKING, NamedTuple

from inventory.domain import cells
from inventory.domain.header import Header, read_header
from inventory.domain.lines import MAX_FIELD, START, Lines, Seam

if TYPE_CHECKING:
    from _csv import Reader

SHOWN = 100  # so much of a bad value is shown
MAX_LINES = 100  # of one row; so far is looked for its end

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
        rows: list[Row] = []
        while lines := [*islice(self._ahead, number - len(rows))]:
            records = self._split(lines)
            if records is None:
                return rows + self._take_one_by_one(number - len(rows))
            rows += self._rows(records)
        return rows

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
        self._records, self._started_at = self._parse(self._near(self._ahead)), self._lines.done

    def _near(self, lines: Iterable[str]) -> Iterator[str]:
        """Raises csv.Error where a row does not end: what is read again because of it stays little."""
        for line in lines:
            if self._taken >= MAX_LINES:
                raise csv.Error
            yield line

    def _parse(self, lines: Iterable[str]) -> "Reader":
        return csv.reader(lines, delimiter=self._header.delimiter, skipinitialspace=True)

    @property
    def _taken(self) -> int:
        """Lines of `_records` that are not done with."""
        return self._started_at + self._records.line_num - self._lines.done

    def _split(self, lines: list[str]) -> list[list[str]] | None:
        """A record of each line; None if that is not what they are.

        Without quotes delimiters are all there is to it, and much is faster.
        """
        if '"' not in "".join(lines) and max(map(len, lines)) <= MAX_FIELD:
            return [line.split(self._header.delimiter) for line in lines]
        records = self._parse(chain(lines, islice(self._ahead, 1)))
        try:
            found = [*islice(records, len(lines))]
        except csv.Error:
            return None
        return found if len(found) == len(lines) == records.line_num else None

    def _take_one_by_one(self, number: int) -> list[Row]:
        """Where records are of several lines, or too long."""
        rows: list[Row] = []
        self._start_again()
        while len(rows) < number:
            try:
                record = next(self._records)
            except StopIteration:
                break
            except csv.Error:
                self._tell(cells.BadCell("", "", "field_too_long"), self._taken)
            else:
                rows += self._rows([record], self._taken)
        return rows

    def _rows(self, records: list[list[str]], lines: int = 1) -> list[Row]:
        """The good rows of the next records, each of so many lines; the others are told, or are nothing."""
        width, whole = self._header.width, records
        if {*map(len, records)} != {width}:
            whole = [record if len(record) == width else [""] * width for record in records]
        texts = self._header.pick(list(zip(*whole, strict=True)))
        columns = cells.meanings(texts, self._latest)
        rows = list(zip(count(self._lines.done + 1), *columns, strict=False))
        if cells.all_good(columns):
            self._lines.done += lines * len(rows)
            return rows
        good = []
        for number, row in enumerate(rows):
            _, name, place, quantity, date = row
            if name and place and date and quantity is not None:
                self._lines.done += lines
                good.append(row)
            else:
                self._pass_over(records[number], [column[number] for column in texts], lines)
        return good

    def _pass_over(self, record: list[str], texts: Sequence[str], lines: int) -> None:
        if not any(map(str.strip, record)):
            self._lines.done += lines
        elif len(record) != self._header.width:
            self._tell(cells.BadCell("", ",".join(record), "wrong_field_count"), lines)
        else:
            self._tell(cells.first_bad(texts), lines)

    def _tell(self, bad: cells.BadCell, lines: int) -> None:
        """A quote that nothing closes makes one record of many lines: then only its first line is at fault,
        and the others are read again."""
        fault = Fault(self._lines.done + 1, bad.column, bad.value.rstrip("\r\n")[:SHOWN], bad.reason)
        if lines > 1:
            fault = Fault(fault.line, "", self._lines.next.rstrip()[:SHOWN], "unclosed_quote")
        self._lines.done += 1
        if lines > 1:
            self._start_again()
        self._on_fault(fault)
