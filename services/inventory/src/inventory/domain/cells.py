"""The cells of a stock file's row: what each accepts, and what it means."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from jetbridge.kernel.clock import to_iso

MAX_PRODUCT_ID = 256
MAX_QUANTITY_DIGITS = 9
_AIRPORT = re.compile(r"[A-Za-z]{3}")
_PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")
_REMEMBERED, _LONGEST_REMEMBERED = 4096, 64  # cells, characters: junk is not worth the memory


class BadCell(Exception):
    """`reason` is a stable word."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


def product_id(text: str) -> str:
    name = text.strip()
    if name and len(name) <= MAX_PRODUCT_ID and name.isprintable():
        return name
    if not name:
        raise BadCell("product_id", text, "missing")
    raise BadCell("product_id", text, "too_long" if name.isprintable() else "unprintable")


def location_name(text: str) -> str | None:
    """An airport's code in any case, written in capitals; any other place by its name as it is."""
    name = text.strip()
    if _AIRPORT.fullmatch(name):
        return name.upper()
    return name if _PLACE.fullmatch(name) else None


def location(text: str) -> str:
    if name := location_name(text):
        return name
    raise BadCell("location", text, "not_a_location" if text.strip() else "missing")


def quantity(text: str) -> int:
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= MAX_QUANTITY_DIGITS:
        return int(digits)
    if not digits:
        raise BadCell("quantity", text, "missing")
    if not re.fullmatch(r"-?[0-9]+", digits):
        raise BadCell("quantity", text, "not_an_integer")
    raise BadCell("quantity", text, "negative" if digits.startswith("-") else "too_large")


def update_date(text: str) -> str:
    """A date is its first moment; a time without an offset is UTC. Only the ISO order of day and month."""
    date = text.strip()
    try:
        moment = datetime.fromisoformat(date)
        return to_iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise BadCell("update_date", text, "not_an_iso_date" if date else "missing") from None


def first_bad(texts: Sequence[str]) -> BadCell:
    """Of the cells of a row that is not good."""
    name, place, number, date = texts
    try:
        product_id(name)
        location(place)
        quantity(number)
        update_date(date)
    except BadCell as bad:
        return bad
    return BadCell("update_date", date, "in_the_future")


def meanings(columns: Sequence[Sequence[str]], latest: str) -> tuple[Sequence[Any], ...]:
    """What the cells of the four columns mean; None for a bad one, as is a date after `latest`."""
    names, places, numbers, dates = columns
    return _product_ids(names), [*_locations(places)], [*_quantities(numbers)], _dates(dates, latest)


def all_good(columns: Sequence[Sequence[Any]]) -> bool:
    """Whether there is no None. Text of a good cell is not empty, and asking for that is faster."""
    names, places, numbers, dates = columns
    return all(names) and all(places) and all(dates) and None not in numbers


def _product_ids(texts: Sequence[str]) -> Sequence[str | None]:
    names = [*map(str.strip, texts)]
    good = all(names) and max(map(len, names)) <= MAX_PRODUCT_ID and "".join(names).isprintable()
    return names if good else [_or_none(product_id, text) for text in texts]


def _dates(texts: Sequence[str], latest: str) -> Sequence[str | None]:
    """None for a date after `latest`, too: every true count would be stale."""
    dates = [*_update_dates(texts)]
    if max(filter(None, dates), default="") <= latest:
        return dates
    return [date if date and date <= latest else None for date in dates]


def _or_none[Value](read_cell: Callable[[str], Value], text: str) -> Value | None:
    try:
        return read_cell(text)
    except BadCell:
        return None


class _Remembered[Value](dict[str, Value | None]):
    """What a cell means, looked up: files repeat themselves. Never more than so many, nor long ones."""

    def __init__(self, read_cell: Callable[[str], Value]) -> None:
        self._read = read_cell

    def __missing__(self, text: str) -> Value | None:
        value = _or_none(self._read, text)
        if len(self) == _REMEMBERED:
            self.clear()
        if len(text) <= _LONGEST_REMEMBERED:
            self[text] = value
        return value

    def of_each(self, texts: Iterable[str]) -> Iterator[Value | None]:
        return map(self.__getitem__, texts)


_locations = _Remembered(location).of_each
_quantities = _Remembered(quantity).of_each
_update_dates = _Remembered(update_date).of_each
