"""The price list: operators put products, everybody who may order may look."""

from dataclasses import replace

from orders.domain.products import Product, ProductNotFound
from orders.ports import Products


def put_product(wanted: Product, *, products: Products) -> Product:
    """Create or change the product. Put again as it is, it stays at its version. Raises ConcurrentUpdate."""
    product = products.get(wanted.product_id)
    if product is not None and product.details == wanted.details:
        return product
    written = replace(wanted, version=product.version + 1 if product else 1)
    products.save(written)
    return written


def get_product(product_id: str, *, products: Products) -> Product:
    """Raises ProductNotFound."""
    product = products.get(product_id)
    if product is None:
        raise ProductNotFound("The price list does not have this product.")
    return product
