"""The header of a stock file: how its rows are divided, and where the columns are."""

import csv
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from jetbridge.kernel.errors import DomainError

COLUMNS = ("product_id", "location", "quantity", "update_date")

_DELIMITERS = ",;\t"
_UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")  # its byte order marks, as they come through a UTF-8 reader

type Columns = Sequence[Sequence[str]]
type Pick = Callable[[Columns], Columns]


class UnreadableFile(DomainError):
    """The file as a whole cannot be imported; `code` is stored with the run."""


class NotUtf8(UnreadableFile):
    code = "encoding_not_utf8"


class MissingColumns(UnreadableFile):
    code = "header_missing_columns"


class DuplicateColumns(UnreadableFile):
    code = "header_duplicate_columns"


class Header(NamedTuple):
    """`pick` takes COLUMNS, in their order, out of `width` columns."""

    delimiter: str
    width: int
    pick: Pick


def read_header(text: str) -> Header:
    """Columns in any order and case; others are kept out. Raises UnreadableFile."""
    if text.startswith(_UTF_16):
        raise NotUtf8("Save the file as UTF-8")
    delimiter = max(_DELIMITERS, key=text.count)
    try:
        fields = next(csv.reader([text], delimiter=delimiter))
    except csv.Error:
        raise MissingColumns("The header is too long") from None
    names = [field.strip().lower() for field in fields]
    return Header(delimiter, len(names), _pick_columns(names))


def _pick_columns(names: list[str]) -> Pick:
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise MissingColumns(f"The header lacks {', '.join(missing)}")
    twice = [column for column in COLUMNS if names.count(column) > 1]
    if twice:
        raise DuplicateColumns(f"The header names {', '.join(twice)} more than once")
    return itemgetter(*(names.index(column) for column in COLUMNS))
