"""What orders needs from the world outside."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from jetbridge.kernel.pages import Page
from orders.domain.batches import Batch, Outcome
from orders.domain.moves import OrderStatus
from orders.domain.orders import Order, OrderSummary
from orders.domain.products import Product


@dataclass(frozen=True, slots=True)
class Search:
    """Which orders. Days are those of placing, in UTC, both included; what is None does not matter."""

    status: OrderStatus | None = None
    first_day: date | None = None
    last_day: date | None = None


class Orders(Protocol):
    def get(self, order_id: str) -> Order | None:
        """The order as it is now, not as it was a moment ago."""

    def add(self, order: Order) -> bool:
        """Write a new order; False if there is one with its id already."""

    def save(self, order: Order) -> None:
        """Write the next version of an order. Raises ConcurrentUpdate if that version was written before."""


class OrderLists(Protocol):
    """Orders as they were a moment ago."""

    def of_customer(
        self, customer_id: str, search: Search, *, limit: int, cursor: str | None
    ) -> Page[OrderSummary]:
        """Newest first. Raises InvalidCursor for a cursor that no page of this customer's list gave."""

    def waiting(self, status: OrderStatus, *, before: datetime) -> Iterator[str]:
        """Ids of orders that have waited in `status` since a time before `before`, longest first."""


class Products(Protocol):
    """The price list."""

    def get(self, product_id: str) -> Product | None: ...

    def listed(self, product_ids: Iterable[str]) -> Mapping[str, Product]:
        """Those that the list has, by id, as they are now; at most 100 are asked for."""

    def save(self, product: Product) -> None:
        """Write a new product, or the next version of one. Raises ConcurrentUpdate if it was written."""


class Batches(Protocol):
    """Batches of partners, each found only by the customer whose it is."""

    def opened(self, batch: Batch) -> Batch:
        """Write a new batch; the one that is there already, with its outcomes, if it was delivered before."""

    def record(self, batch: Batch, position: int, outcome: Outcome) -> None:
        """Write what became of an order; nothing if it was written before."""

    def get(self, customer_id: str, batch_id: str) -> Batch | None: ...
