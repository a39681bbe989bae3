"""Money is exact: what is read is what is shown, in every currency, or it is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.kernel.money import CurrencyMismatch, InvalidAmount, Money, minor_digits

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KRW", "KWD", "BHD"])
MINOR = st.integers(min_value=-(10**24), max_value=10**24)


@given(MINOR, CURRENCIES)
def test_an_amount_that_was_shown_reads_back_as_the_same_money(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(money.amount, currency) == money


@given(MINOR, CURRENCIES)
def test_an_amount_shows_exactly_the_digits_of_its_currency(minor: int, currency: str) -> None:
    _, point, fraction = Money(minor, currency).amount.partition(".")
    assert len(fraction) == minor_digits(currency)
    assert bool(point) == bool(minor_digits(currency))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12), CURRENCIES)
def test_an_amount_is_read_exactly_or_refused(amount: Decimal, currency: str) -> None:
    try:
        money = Money.parse(amount, currency)
    except InvalidAmount:
        assert amount != round(amount, minor_digits(currency))
    else:
        assert Decimal(money.amount) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("50.25", "USD", 5025),
        ("50", "USD", 5000),
        ("50.250", "USD", 5025),
        ("-0.01", "USD", -1),
        ("50", "JPY", 50),
        ("1.005", "KWD", 1005),
        (Decimal("1E+3"), "USD", 100000),
        (7, "USD", 700),
    ],
)
def test_amounts_are_read_in_minor_units(amount: str | Decimal | int, currency: str, minor: int) -> None:
    assert Money.parse(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("50.255", "USD"),
        ("0.5", "JPY"),
        ("1.0005", "KWD"),
        ("123456789012345678901234567890.12", "JPY"),
        ("", "USD"),
        ("fifty", "USD"),
        ("NaN", "USD"),
        ("-Infinity", "USD"),
        (Decimal("sNaN"), "USD"),
        ("1_000", "USD"),
        (" 5", "USD"),
        ("١٢", "USD"),
        ("1e3", "USD"),
        (Decimal("1e999999"), "USD"),
        (Decimal("1e-999999"), "USD"),
    ],
)
def test_what_is_no_exact_amount_of_the_currency_is_refused(amount: str | Decimal, currency: str) -> None:
    with pytest.raises(InvalidAmount):
        Money.parse(amount, currency)


@given(st.lists(MINOR, min_size=1), CURRENCIES)
def test_a_sum_loses_nothing(minors: list[int], currency: str) -> None:
    total = Money(0, currency)
    for minor in minors:
        total = total + Money(minor, currency)
    assert total == Money(sum(minors), currency)


@given(MINOR, st.integers(min_value=0, max_value=10_000))
def test_a_quantity_times_a_price_is_that_many_prices(minor: int, quantity: int) -> None:
    assert Money(minor, "USD") * quantity == Money(minor * quantity, "USD")


def test_different_currencies_do_not_add_up() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") + Money(1, "EUR")
