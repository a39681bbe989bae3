"""The cells of a stock file's row: what each accepts, and what it means."""

import re
from datetime import UTC, datetime
from functools import lru_cache

from jetbridge.kernel.clock import to_iso

MAX_PRODUCT_ID = 256
MAX_QUANTITY_DIGITS = 9
_AIRPORT = re.compile(r"[A-Za-z]{3}")
_PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")
_remembered = lru_cache(4096)  # files repeat themselves


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


@_remembered
def location(text: str) -> str:
    if name := location_name(text):
        return name
    raise BadCell("location", text, "not_a_location" if text.strip() else "missing")


@_remembered
def quantity(text: str) -> int:
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= MAX_QUANTITY_DIGITS:
        return int(digits)
    if not digits:
        raise BadCell("quantity", text, "missing")
    if not re.fullmatch(r"-?[0-9]+", digits):
        raise BadCell("quantity", text, "not_an_integer")
    raise BadCell("quantity", text, "negative" if digits.startswith("-") else "too_large")


@_remembered
def update_date(text: str) -> str:
    """A date is its first moment; a time without an offset is UTC. Only the ISO order of day and month."""
    date = text.strip()
    try:
        moment = datetime.fromisoformat(date)
        return to_iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise BadCell("update_date", text, "not_an_iso_date" if date else "missing") from None
