"""Orders in memory, keeping the promises of the port, with faults on demand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from jetbridge.kernel.clock import Clock
from jetbridge.kernel.errors import ConcurrentUpdate
from orders.domain import Order

MORNING = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class MemoryOrders:
    """`before_save` runs in front of each save: others write there, or it raises for a call that never came.

    `lose_answers` lets that many writes take effect and raise all the same, as a cut connection does.
    """

    def __init__(self, *orders: Order) -> None:
        self._stored = {order.order_id: order for order in orders}
        self.before_save: Callable[[], None] = lambda: None
        self.lose_answers = 0

    def __len__(self) -> int:
        return len(self._stored)

    def get(self, order_id: str) -> Order | None:
        return self._stored.get(order_id)

    def add(self, order: Order) -> bool:
        if order.order_id in self._stored:
            return False
        self._write(order)
        return True

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


def ticking(start: datetime = MORNING) -> Clock:
    """A clock that is a second later each time it is read."""
    moment = start - timedelta(seconds=1)

    def read() -> datetime:
        nonlocal moment
        moment += timedelta(seconds=1)
        return moment

    return read
