"""A product as the API shows it."""

from typing import Self

from jetbridge.contracts.envelope import Amount
from jetbridge.runtime.http import Body
from orders.domain.products import Product


class ProductView(Body):
    product_id: str
    name: str
    price: Amount
    low_stock_threshold: int | None = None
    version: int

    @classmethod
    def of(cls, product: Product) -> Self:
        return cls(
            product_id=product.product_id,
            name=product.name,
            price=Amount.of(product.price),
            low_stock_threshold=product.low_stock_threshold,
            version=product.version,
        )
