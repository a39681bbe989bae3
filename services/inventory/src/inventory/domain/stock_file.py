"""A stock file as rows and faults: a CSV with the columns product_id, location, quantity, update_date.

Read in one pass, a line at a time. A bad row never stops a good one; a bad header stops the file.
"""

import csv
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from inventory.domain import cells
from inventory.domain.header import Header, read_header

MAX_FIELD = 4096  # so far is looked for the end of a quote
MAX_LINE = 65_536  # characters; a line of as many or more is a bad row
SHOWN = 100  # so much of a bad value is shown

_MARK = "\ufeff"  # of UTF-8, at the beginning of some files
_TOO_LONG = "x" * (MAX_FIELD + 1) + "\n"  # what is read in place of such a line

type OpenAt = Callable[[int], Iterator[str]]  # the lines from so many bytes on, with their ends


class Row(NamedTuple):
    """A good row. `update_date` is ISO 8601 in UTC with fixed width, so that it sorts."""

    line: int
    product_id: str
    location: str
    quantity: int
    update_date: str


class Fault(NamedTuple):
    """A bad row: where, what, and why as a stable word."""

    line: int
    column: str
    value: str
    reason: str


class Seam(NamedTuple):
    """A place between two rows of a file: so many bytes and lines of it are done with."""

    bytes: int = 0
    lines: int = 0


START = Seam()


class StockFileReader:
    """Rows and faults in the order of the file; `seam` is always behind the last one that was given.

    A row that is dated after `latest` is a fault. `start` is a seam of an earlier reader. Lines of MAX_LINE
    characters or more may come in pieces. Bytes that are no UTF-8 come as lone surrogates: each is a fault,
    not an end. Blank lines and lines of empty fields are nothing. Raises UnreadableFile before the first row.
    """

    def __init__(self, open_at: OpenAt, latest: str, start: Seam = START) -> None:
        csv.field_size_limit(MAX_FIELD)
        self._open_at = open_at
        self._latest = latest
        self._start = start
        self._bytes = self._lines = 0
        self._taken: list[tuple[str, int]] = []  # lines of the record that is being read, and their bytes

    @property
    def seam(self) -> Seam:
        return Seam(self._bytes, self._lines)

    def __iter__(self) -> Iterator[Row | Fault]:
        lines = self._passing(self._open_at(0))
        first = next((text for line in lines if (text := line.removeprefix(_MARK)).strip()), None)
        if first is None:
            return
        header = read_header(first)
        if self._start.bytes:
            self._bytes, self._lines = self._start
            lines = self._passing(self._open_at(self._start.bytes))
        yield from self._rows(lines, header)

    def _rows(self, lines: Iterator[str], header: Header) -> Iterator[Row | Fault]:
        """A quote that nothing closes makes one record of many lines: then only its first line is at fault,
        and the others are read again."""
        self._taken.clear()
        records = csv.reader(lines, delimiter=header.delimiter, skipinitialspace=True)
        while True:
            line = self._lines + 1
            try:
                read = _read_row(line, next(records), header, self._latest)
            except StopIteration:
                return
            except csv.Error:
                read = Fault(line, "", "", "field_too_long")
            if isinstance(read, Fault) and len(self._taken) > 1:
                read = Fault(line, "", self._taken[0][0].rstrip()[:SHOWN], "unclosed_quote")
                lines = self._give_back(lines)
                records = csv.reader(lines, delimiter=header.delimiter, skipinitialspace=True)
            self._taken.clear()
            if read is not None:
                yield read

    def _give_back(self, lines: Iterator[str]) -> Iterator[str]:
        """All but the first of the lines that were taken come again."""
        again = self._taken[1:]
        self._bytes -= sum(size for _, size in again)
        self._lines -= len(again)
        return chain((self._take(line, size) for line, size in again), lines)

    def _passing(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            size = len(line) if line.isascii() else _size(line)
            if len(line) < MAX_LINE:
                yield self._take(line, size)
            else:
                yield self._take(_TOO_LONG, size + _rest_of(line, lines))

    def _take(self, line: str, size: int) -> str:
        self._bytes += size
        self._lines += 1
        self._taken.append((line, size))
        return line


def _rest_of(piece: str, pieces: Iterator[str]) -> int:
    """The bytes of the pieces that still come of the same line."""
    size = 0
    while not piece.endswith(("\n", "\r")) and (piece := next(pieces, "")):
        size += _size(piece)
    return size


def _size(line: str) -> int:
    return len(line.encode("utf-8", "surrogateescape"))


def _read_row(line: int, fields: list[str], header: Header, latest: str) -> Row | Fault | None:
    if len(fields) == header.width:
        product_id, location, quantity, update_date = header.pick(fields)
        try:
            row = Row(
                line,
                cells.product_id(product_id),
                cells.location(location),
                cells.quantity(quantity),
                cells.update_date(update_date),
            )
            if row.update_date > latest:  # every true count after it would be stale
                raise cells.BadCell("update_date", update_date, "in_the_future")
            return row
        except cells.BadCell as bad:
            fault = Fault(line, bad.column, bad.value[:SHOWN], bad.reason)
    else:
        fault = Fault(line, "", ",".join(fields)[:SHOWN], "wrong_field_count")
    return fault if any(field.strip() for field in fields) else None
