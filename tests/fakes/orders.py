"""Orders in memory, keeping the promises of the port, with faults on demand."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.pages import Page
from orders.domain.moves import OrderStatus
from orders.domain.orders import Order, OrderSummary
from orders.domain.products import Product
from orders.ports import Search


class MemoryOrders:
    """`before_save` runs in front of each save: others write there, or it raises for a call that never came.

    `lose_answers` lets that many writes take effect and raise all the same, as a cut connection does.
    """

    def __init__(self, *orders: Order) -> None:
        self._stored = {order.order_id: order for order in orders}
        self.before_save: Callable[[], None] = lambda: None
        self.lose_answers = 0
        self._frozen: dict[str, Order] | None = None

    def __len__(self) -> int:
        return len(self._stored)

    def get(self, order_id: str) -> Order | None:
        return self._stored.get(order_id)

    def add(self, order: Order) -> bool:
        if order.order_id in self._stored:
            return False
        self._write(order)
        return True

    def of_customer(
        self, customer_id: str, search: Search, *, limit: int, cursor: str | None
    ) -> Page[OrderSummary]:
        own = [order for order in self._stored.values() if order.customer_id == customer_id]
        newest = sorted((order.summary for order in own), key=lambda it: it.placed_at, reverse=True)
        return Page(tuple(newest[:limit]), None)

    def waiting(self, status: OrderStatus, *, before: datetime) -> Iterator[str]:
        """As the list was when `freeze_lists` was called, or as it is."""
        seen = self._frozen if self._frozen is not None else self._stored
        since = {id_: order.waiting_since for id_, order in seen.items() if order.status is status}
        late = sorted((at, id_) for id_, at in since.items() if at and at < before)
        return (id_ for _, id_ in late)

    def freeze_lists(self) -> None:
        self._frozen = dict(self._stored)

    def save(self, order: Order) -> None:
        self.before_save()
        stored = self._stored.get(order.order_id)
        if stored is None or stored.version != order.version - 1:
            raise ConcurrentUpdate(order.order_id)
        self._write(order)

    def _write(self, order: Order) -> None:
        self._stored[order.order_id] = order
        if self.lose_answers:
            self.lose_answers -= 1
            raise ConnectionError("the answer was lost")


class MemoryProducts:
    """The price list in memory."""

    def __init__(self, *products: Product) -> None:
        self._stored = {product.product_id: product for product in products}
        self.before_save: Callable[[], None] = lambda: None

    def get(self, product_id: str) -> Product | None:
        return self._stored.get(product_id)

    def listed(self, product_ids: Iterable[str]) -> dict[str, Product]:
        return {wanted: self._stored[wanted] for wanted in product_ids if wanted in self._stored}

    def save(self, product: Product) -> None:
        self.before_save()
        stored = self._stored.get(product.product_id)
        if (stored.version if stored else 0) != product.version - 1:
            raise ConcurrentUpdate(product.product_id)
        self._stored[product.product_id] = product
