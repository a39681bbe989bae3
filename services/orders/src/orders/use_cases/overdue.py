"""Orders that waited too long: told again once, then cancelled. Their history says which."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from jetbridge.kernel.sweeps import sweep
from orders.domain.moves import Fact, OrderStatus
from orders.domain.orders import Order
from orders.ports import OrderLists, Orders

type Limits = Mapping[OrderStatus, timedelta]


def pursue_overdue(
    *,
    moment: datetime,
    limits: Limits,
    at_most: int,
    causation_id: str,
    lists: OrderLists,
    orders: Orders,
) -> list[Order]:
    """Move on at most `at_most` orders of each status of `limits` that have waited longer than its limit.

    One that somebody else moves at this moment is left alone. Faults keep nobody waiting: they are raised as
    one ExceptionGroup at the end.
    """
    waiting = [
        (order_id, status, moment - limit)
        for status, limit in limits.items()
        for order_id in lists.waiting(status, before=moment - limit, limit=at_most)
    ]

    def pursue(listed: tuple[str, OrderStatus, datetime]) -> Order | None:
        order_id, status, before = listed
        order = orders.get(order_id)
        if order is None or not _waits(order, status, before):
            return None
        return _pursue(order, moment, causation_id, orders)

    return sweep(waiting, pursue, failed="orders that could not be pursued")


def _waits(order: Order, status: OrderStatus, before: datetime) -> bool:
    """The list may be behind the order."""
    return order.status is status and order.waiting_since is not None and order.waiting_since < before


def _pursue(order: Order, moment: datetime, causation_id: str, orders: Orders) -> Order:
    """Once told again, the next time it is given up. Whatever answers later finds it cancelled."""
    if order.was_told_again:
        pursued = order.heard(Fact.OVERDUE, at=moment, causation_id=causation_id)
    else:
        pursued = order.told_again(at=moment, causation_id=causation_id)
    orders.save(pursued)
    return pursued
