"""What a benchmark counted, in dollars."""

from datetime import date
from decimal import Decimal

import pytest

from bench import prices


def test_what_was_counted_costs_the_sum_of_its_prices() -> None:
    counted = {"sqs.requests": 2_000_000, "dynamodb.write_units": 1000}
    assert prices.dollars(counted) == Decimal("0.80") + Decimal("0.000625")


def test_what_has_no_price_is_an_error() -> None:
    with pytest.raises(KeyError):
        prices.dollars({"sqs.postage": 1})


def test_every_price_is_an_amount_and_the_table_says_when_and_where() -> None:
    table = prices._table()
    assert isinstance(table["as_of"], date)
    assert table["region"] in prices.source()
    units = [
        f"{service}.{name.removeprefix('million_')}" for service in table for name in _prices(table[service])
    ]
    assert len(units) > 10
    assert all(prices.dollars({unit: 1_000_000}) > 0 for unit in units)


def _prices(of_service: object) -> list[str]:
    return list(of_service) if isinstance(of_service, dict) else []
