"""What AWS asks for what a benchmark counted. The table with its sources is prices.toml."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("prices.toml")
_MILLION = 1_000_000


def dollars(counted: Mapping[str, int | Decimal]) -> Decimal:
    """The price of so many units of each, by names like `sqs.requests`. Raises KeyError for others."""
    return sum((_price(unit) * number for unit, number in counted.items()), Decimal())


def source() -> str:
    """Where and when these prices held, for beneath a table of costs."""
    table = _table()
    return f"list prices of {table['region']}, {table['as_of']}"


def _price(unit: str) -> Decimal:
    service, what = unit.split(".")
    return Decimal(_table()[service][f"million_{what}"]) / _MILLION


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
