"""What orders needs from the world outside."""

from typing import Protocol

from orders.domain import Order


class Orders(Protocol):
    def get(self, order_id: str) -> Order | None:
        """The order as it is now, not as it was a moment ago."""

    def add(self, order: Order) -> bool:
        """Write a new order; False if there is one with its id already."""

    def save(self, order: Order) -> None:
        """Write the next version of an order. Raises ConcurrentUpdate if that version was written before."""
