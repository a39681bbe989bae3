"""The price list in DynamoDB: one item a product, key `product_id`, every write on its version."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from jetbridge.kernel.money import Money
from jetbridge.runtime.dynamodb import Row, batch_get, from_item, put_version
from orders.domain.products import Product

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ProductRow(Row):
    product_id: str
    name: str
    price_minor: int
    currency: str
    low_stock_threshold: int | None = None
    version: int

    def to_product(self) -> Product:
        values = self.model_dump(exclude={"price_minor", "currency"})
        return Product(**values, price=Money(self.price_minor, self.currency))


def _row_of(product: Product) -> dict[str, object]:
    values = asdict(product)
    del values["price"]
    return values | {"price_minor": product.price.minor, "currency": product.price.currency}


class DynamoProducts:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def get(self, product_id: str) -> Product | None:
        return self.listed([product_id]).get(product_id)

    def listed(self, product_ids: Iterable[str]) -> dict[str, Product]:
        keys = [{"product_id": product_id} for product_id in sorted(set(product_ids))]
        found = batch_get(self._client, self._table_name, keys)
        rows = (ProductRow.model_validate(from_item(item)) for item in found)
        return {row.product_id: row.to_product() for row in rows}

    def save(self, product: Product) -> None:
        put_version(self._client, self._table_name, _row_of(product), "product_id")
