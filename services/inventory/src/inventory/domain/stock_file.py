"""A stock file as rows and faults: a CSV with the columns product_id, location, quantity, update_date.

Read in one pass, a line at a time. A bad row never stops a good one; a bad header stops the file.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from inventory.domain import cells
from jetbridge.kernel.errors import DomainError

COLUMNS = ("product_id", "location", "quantity", "update_date")
MAX_FIELD = 4096  # so far is looked for the end of a quote
SHOWN = 100  # so much of a bad value is shown

_DELIMITERS = ",;\t"
_MARK = "\ufeff"  # of UTF-8, at the beginning of some files
_UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")  # its byte order marks, as they come through a UTF-8 reader

type OpenAt = Callable[[int], Iterator[str]]  # the lines from so many bytes on, with their ends
type Pick = Callable[[list[str]], tuple[str, ...]]


class UnreadableFile(DomainError):
    """The file as a whole cannot be imported; `code` is stored with the run."""


class NotUtf8(UnreadableFile):
    code = "encoding_not_utf8"


class MissingColumns(UnreadableFile):
    code = "header_missing_columns"


class DuplicateColumns(UnreadableFile):
    code = "header_duplicate_columns"


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

    `start` is a seam of an earlier reader. Bytes that are no UTF-8 come as lone surrogates: each is a fault,
    not an end. Blank lines and lines of empty fields are nothing. Raises UnreadableFile before the first row.
    """

    def __init__(self, open_at: OpenAt, start: Seam = START) -> None:
        csv.field_size_limit(MAX_FIELD)
        self._open_at = open_at
        self._start = start
        self._bytes = self._lines = 0
        self._taken: list[str] = []  # of the record that is being read

    @property
    def seam(self) -> Seam:
        return Seam(self._bytes, self._lines)

    def __iter__(self) -> Iterator[Row | Fault]:
        lines = self._passing(self._open_at(0))
        header = next((text for line in lines if (text := line.removeprefix(_MARK)).strip()), "")
        if header.startswith(_UTF_16):
            raise NotUtf8("Save the file as UTF-8")
        delimiter = max(_DELIMITERS, key=header.count)
        names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
        if not names:
            return
        pick = _pick_columns(names)
        if self._start.bytes:
            self._bytes, self._lines = self._start
            lines = self._passing(self._open_at(self._start.bytes))
        yield from self._rows(lines, delimiter, len(names), pick)

    def _rows(self, lines: Iterator[str], delimiter: str, width: int, pick: Pick) -> Iterator[Row | Fault]:
        """A quote that nothing closes makes one record of many lines: then only its first line is at fault,
        and the others are read again."""
        self._taken.clear()
        records = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        while True:
            line = self._lines + 1
            try:
                read = _read_row(line, next(records), width, pick)
            except StopIteration:
                return
            except csv.Error:
                read = Fault(line, "", "", "field_too_long")
            if isinstance(read, Fault) and len(self._taken) > 1:
                read = Fault(line, "", self._taken[0].rstrip()[:SHOWN], "unclosed_quote")
                lines = self._give_back(lines)
                records = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
            self._taken.clear()
            if read is not None:
                yield read

    def _give_back(self, lines: Iterator[str]) -> Iterator[str]:
        """All but the first of the lines that were taken come again."""
        again = self._taken[1:]
        self._bytes -= sum(map(_size, again))
        self._lines -= len(again)
        return chain(self._passing(again), lines)

    def _passing(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self._bytes += _size(line)
            self._lines += 1
            self._taken.append(line)
            yield line


def _size(line: str) -> int:
    return len(line) if line.isascii() else len(line.encode("utf-8", "surrogateescape"))


def _pick_columns(names: list[str]) -> Pick:
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise MissingColumns(f"The header lacks {', '.join(missing)}")
    twice = [column for column in COLUMNS if names.count(column) > 1]
    if twice:
        raise DuplicateColumns(f"The header names {', '.join(twice)} more than once")
    return itemgetter(*(names.index(column) for column in COLUMNS))


def _read_row(line: int, fields: list[str], width: int, pick: Pick) -> Row | Fault | None:
    if len(fields) == width:
        product_id, location, quantity, update_date = pick(fields)
        try:
            return Row(
                line,
                cells.product_id(product_id),
                cells.location(location),
                cells.quantity(quantity),
                cells.update_date(update_date),
            )
        except cells.BadCell as bad:
            fault = Fault(line, bad.column, bad.value[:SHOWN], bad.reason)
    else:
        fault = Fault(line, "", ",".join(fields)[:SHOWN], "wrong_field_count")
    return fault if any(field.strip() for field in fields) else None
