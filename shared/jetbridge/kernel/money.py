"""Money as integer minor units and a currency. No float anywhere."""

import re
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Self

from jetbridge.kernel.errors import DomainError

# ISO 4217 gives each currency its number of minor digits; two unless listed here. MGA has fifths, which
# nobody pays with.
_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

_DECIMAL_TEXT = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
# Decimal rounds silently at 28 digits; here an amount that would have to be rounded is an error.
_EXACT = Context(prec=64, Emin=-64, Emax=64, traps=[Inexact, InvalidOperation, Overflow])


class InvalidAmount(DomainError):
    code = "invalid_amount"


class CurrencyMismatch(DomainError):
    code = "currency_mismatch"


def minor_digits(currency: str) -> int:
    """How many digits an amount of `currency` (ISO 4217 code) has behind the decimal point."""
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units (cents for USD) of `currency`."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str | Decimal | int, currency: str) -> Self:
        """Read a decimal amount such as "50.25"; more digits than the currency has are InvalidAmount."""
        if isinstance(amount, str) and not _DECIMAL_TEXT.fullmatch(amount):
            raise InvalidAmount("an amount is a decimal number such as 50.25")
        try:
            scaled = Decimal(amount).scaleb(minor_digits(currency), _EXACT)
        except ArithmeticError:
            raise InvalidAmount("an amount has at most 64 digits") from None
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise InvalidAmount(f"{amount} has more digits than {currency} has")
        return cls(int(scaled), currency)

    @property
    def amount(self) -> str:
        """The amount as a decimal string with all digits of the currency: "50.25", "50.00", "50"."""
        digits = minor_digits(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits, _EXACT):f}"

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added")
        return Money(self.minor + other.minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)
