"""A stock file as rows and faults: a CSV with the columns product_id, location, quantity, update_date.

Read in one pass, a line at a time. A bad row never stops a good one; a bad header stops the file.
"""

import csv
from collections.abc import Callable, Iterator
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from inventory.domain import cells
from jetbridge.kernel.errors import DomainError

COLUMNS = ("product_id", "location", "quantity", "update_date")
MAX_FIELD = 4096  # an unclosed quote swallows no more than this; reading goes on at the next line
SHOWN = 100  # so much of a bad value is shown

_DELIMITERS = ",;\t"
_UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")  # its byte order marks, as they come through a UTF-8 reader

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


def read_stock_file(lines: Iterator[str]) -> Iterator[Row | Fault]:
    """Rows and faults in the order of the file. `lines` keep their line ends.

    Bytes that are no UTF-8 come as lone surrogates: they make a fault, not an end. Blank lines and lines
    of empty fields are nothing. Raises UnreadableFile before the first row.
    """
    csv.field_size_limit(MAX_FIELD)
    skipped, header = next(((n, line) for n, line in enumerate(lines) if line.strip()), (0, ""))
    if header.startswith(_UTF_16):
        raise NotUtf8("Save the file as UTF-8")
    delimiter = max(_DELIMITERS, key=header.count)
    records = csv.reader(chain([header], lines), delimiter=delimiter, skipinitialspace=True)
    names = [name.strip().lower() for name in next(records)]
    if not names:
        return
    width, pick, line = len(names), _pick_columns(names), skipped + records.line_num + 1
    while True:
        try:
            for fields in records:
                if (read := _read_row(line, fields, width, pick)) is not None:
                    yield read
                line = skipped + records.line_num + 1
            return
        except csv.Error:
            yield Fault(line, "", "", "field_too_long")
            line = skipped + records.line_num + 1


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
