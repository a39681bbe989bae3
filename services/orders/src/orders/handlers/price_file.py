"""A price list as a CSV file: `product_id,name,price[,low_stock_threshold]`, with `,` `;` or tab between."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from jetbridge.contracts.envelope import Id
from jetbridge.kernel.errors import DomainError
from jetbridge.kernel.money import InvalidAmount, Money
from jetbridge.runtime.http import Price
from orders.domain.products import Product

MAX_ROWS = 1000
_NEEDED, _KNOWN = {"product_id", "name", "price"}, {"product_id", "name", "price", "low_stock_threshold"}

_NO_TEXT = "\ufffd"  # what API Gateway writes in place of bytes that are not UTF-8


class InvalidFile(DomainError):
    code = "invalid_file"


class FileTooLong(DomainError):
    code = "file_too_long"


class PriceRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    product_id: Id
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    price: Price
    low_stock_threshold: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1, the header's; `reason` names field and fault."""

    line: int
    reason: str


def read_prices(text: str, currency: str) -> tuple[dict[int, Product], list[Fault]]:
    """The good rows by line, and the faults of the bad ones.

    Raises InvalidFile for a file without the header, FileTooLong for more than MAX_ROWS rows.
    """
    good, faults, lines = {}, [], dict[str, int]()
    for line, cells in _rows(text):
        product = _product_of(cells, currency)
        if isinstance(product, str):
            faults.append(Fault(line, product))
        elif (first := lines.setdefault(product.product_id, line)) != line:
            faults.append(Fault(line, f"product_id: the same as in line {first}"))
        else:
            good[line] = product
    return good, faults


def _rows(text: str) -> Iterator[tuple[int, dict[str | None, str]]]:
    """Each row that is not blank, with its line; cells by column, those without a column under None."""
    lines = StringIO(text.removeprefix("\ufeff"), newline="")
    header = lines.readline()
    lines.seek(0)
    delimiter = next((it for it in ",;\t" if it in header), ",")
    rows = csv.DictReader(lines, delimiter=delimiter, restval="", strict=True)
    columns = [name.strip() for name in _fields(rows)]
    if not _NEEDED <= set(columns) <= _KNOWN or len(set(columns)) != len(columns):
        raise InvalidFile("The first line is product_id,name,price, or that with low_stock_threshold.")
    rows.fieldnames = columns
    try:
        for count, cells in enumerate(rows, 1):
            if count > MAX_ROWS:
                raise FileTooLong(f"A file has at most {MAX_ROWS} rows. Send it in parts.")
            yield rows.line_num, {name: text for name, cell in cells.items() if (text := str(cell).strip())}
    except csv.Error:
        line = rows.line_num + 1  # where the row begins that nothing ends
        raise InvalidFile(f"Line {line} is no CSV: look for a quote that does not end.") from None


def _fields(rows: csv.DictReader[str]) -> list[str]:
    try:
        return list(rows.fieldnames or ())
    except csv.Error:
        return []


def _product_of(cells: dict[str | None, str], currency: str) -> Product | str:
    """The product of a row, or all that is wrong with it."""
    if None in cells:
        return "more cells than columns"
    if damaged := [str(name) for name, cell in cells.items() if _NO_TEXT in cell]:
        return "; ".join(f"{name}: not UTF-8" for name in damaged)
    try:
        row = PriceRow.model_validate(cells)
        price = Money.parse(row.price, currency)
    except ValidationError as error:
        return "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
    except InvalidAmount as refusal:
        return f"price: {refusal.detail}"
    return Product(row.product_id, row.name, price, row.low_stock_threshold)
