"""The price list: operators put products, everybody who may order may look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import batched

from jetbridge.kernel.errors import ConcurrentUpdate
from orders.domain.products import Product, ProductNotFound
from orders.ports import Products

_READ_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Imported:
    """How many products were written and how many were so already; `overtaken` are ids that others wrote."""

    written: int
    unchanged: int
    overtaken: frozenset[str]


def put_product(wanted: Product, *, products: Products) -> Product:
    """Create or change the product. Put again as it is, it stays at its version. Raises ConcurrentUpdate."""
    return _put(wanted, products.get(wanted.product_id), products)


def import_products(wanted: Sequence[Product], *, products: Products) -> Imported:
    """Put each product; ids are different. Done again, what was done changes nothing."""
    written, overtaken = 0, set[str]()
    for some in batched(wanted, _READ_AT_ONCE, strict=False):
        listed = products.listed(product.product_id for product in some)
        for product in some:
            present = listed.get(product.product_id)
            try:
                written += _put(product, present, products) is not present
            except ConcurrentUpdate:
                overtaken.add(product.product_id)
    return Imported(written, len(wanted) - written - len(overtaken), frozenset(overtaken))


def _put(wanted: Product, present: Product | None, products: Products) -> Product:
    if present is not None and present.details == wanted.details:
        return present
    written = replace(wanted, version=present.version + 1 if present else 1)
    products.save(written)
    return written


def get_product(product_id: str, *, products: Products) -> Product:
    """Raises ProductNotFound."""
    product = products.get(product_id)
    if product is None:
        raise ProductNotFound("The price list does not have this product.")
    return product
