"""Orders that waited too long: told again once, then cancelled. Their history says which."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from jetbridge.kernel.sweeps import GoingOn, sweep
from orders.domain.moves import Fact, OrderStatus
from orders.domain.orders import Order
from orders.ports import OrderLists, Orders

type Limits = Mapping[OrderStatus, timedelta]


def pursue_overdue(
    *,
    moment: datetime,
    limits: Limits,
    going_on: GoingOn,
    causation_id: str,
    lists: OrderLists,
    orders: Orders,
) -> list[Order]:
    """Move on the orders of each status of `limits` that have waited longer than its limit, longest first.

    One that somebody else moves at this moment is left alone. Faults keep nobody waiting: they are raised as
    one ExceptionGroup at the end.
    """
    due = {status: moment - limit for status, limit in limits.items()}
    lines = [lists.waiting(status, before=before) for status, before in due.items()]
    in_turn = chain.from_iterable(zip_longest(*lines))  # so that a long line keeps no other waiting

    def pursue(order_id: str) -> Order | None:
        order = orders.get(order_id)
        if order is None or not _waits(order, due):
            return None
        return _pursue(order, moment, causation_id, orders)

    return sweep(filter(None, in_turn), pursue, going_on=going_on, failed="orders that could not be pursued")


def _waits(order: Order, due: Mapping[OrderStatus, datetime]) -> bool:
    """The list may be behind the order."""
    before = due.get(order.status)
    return before is not None and order.waiting_since is not None and order.waiting_since < before


def _pursue(order: Order, moment: datetime, causation_id: str, orders: Orders) -> Order:
    """Once told again, the next time it is given up. Whatever answers later finds it cancelled."""
    if order.was_told_again:
        pursued = order.heard(Fact.OVERDUE, at=moment, causation_id=causation_id)
    else:
        pursued = order.told_again(at=moment, causation_id=causation_id)
    orders.save(pursued)
    return pursued
