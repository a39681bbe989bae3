"""The price list: what products cost, and what an order may say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jetbridge.kernel.errors import DomainError, NotFound
from jetbridge.kernel.money import Money
from orders.domain.orders import Item


class PriceList(StrEnum):
    """Which products of an order must have a price in the list. One that has a price is always checked."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class ProductNotFound(NotFound):
    code = "product_not_found"


class UnknownProduct(DomainError):
    """`positions` are those of the items whose products have no price."""

    code = "unknown_product"

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__("The price list does not have this product.")
        self.positions = positions


class InvalidPrices(DomainError):
    """`faults` say by the position of the item why its price is none in the stage's currency."""

    code = "invalid_amount"

    def __init__(self, faults: Mapping[int, str]) -> None:
        super().__init__("A price is not an amount of money.")
        self.faults = faults


class PriceChanged(DomainError):
    """`current` is what the products cost, by the position of the item that says otherwise."""

    code = "price_changed"

    def __init__(self, current: Mapping[int, Money]) -> None:
        super().__init__("The price is another one now. Order again, with a new key, if you agree to it.")
        self.current = current


@dataclass(frozen=True, slots=True)
class Product:
    """`version` counts the operators' changes."""

    product_id: str
    name: str
    price: Money
    low_stock_threshold: int | None = None
    version: int = 1

    @property
    def details(self) -> tuple[object, ...]:
        """What operators decide."""
        return (self.name, self.price, self.low_stock_threshold)


def why_refused(
    items: tuple[Item, ...], listed: Mapping[str, Product], rule: PriceList
) -> UnknownProduct | PriceChanged | None:
    """What the price list has against these items; None if nothing. `listed` are products by id."""
    unknown = tuple(at for at, item in enumerate(items) if item.product_id not in listed)
    if unknown and rule is PriceList.REQUIRED:
        return UnknownProduct(unknown)
    changed = {
        at: listed[item.product_id].price
        for at, item in enumerate(items)
        if item.product_id in listed and listed[item.product_id].price != item.price
    }
    return PriceChanged(changed) if changed else None
