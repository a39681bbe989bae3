"""What can be done with orders: place, look, cancel, and move on what is heard."""

from jetbridge.kernel.clock import Clock
from jetbridge.kernel.contention import again
from jetbridge.kernel.errors import ConcurrentUpdate, KeyReused, NotFound
from jetbridge.kernel.pages import Page
from orders.domain.moves import MOVES, Fact, MoveNotAllowed
from orders.domain.orders import InvalidPeriod, Order, OrderSummary
from orders.domain.products import PriceList, why_refused
from orders.ports import OrderLists, Orders, Products, Search


def place_order(order: Order, *, orders: Orders, products: Products, rule: PriceList) -> Order:
    """Write the order, once. Found already there, it is what an attempt before us wrote: that one counts,
    whatever its products cost now.

    Raises KeyReused if what is there is another order; UnknownProduct, PriceChanged.
    """
    listed = products.listed(item.product_id for item in order.items)
    refusal = why_refused(order.items, listed, rule)
    if refusal is None and orders.add(order):
        return order
    written = orders.get(order.order_id)
    if written is None:
        raise refusal or ConcurrentUpdate(order.order_id)
    if (written.items, written.payment_method) != (order.items, order.payment_method):
        raise KeyReused
    return written


def get_order(order_id: str, *, customer_id: str, orders: Orders) -> Order:
    """Raises NotFound for an order that does not exist and for one that is somebody else's, alike."""
    order = orders.get(order_id)
    if order is None or order.customer_id != customer_id:
        raise NotFound("There is no such order.")
    return order


def list_orders(
    customer_id: str, search: Search, *, limit: int, cursor: str | None, lists: OrderLists
) -> Page[OrderSummary]:
    """The customer's own, newest first. Raises InvalidPeriod for one that ends before it begins."""
    if search.first_day and search.last_day and search.first_day > search.last_day:
        raise InvalidPeriod("from is a day after to")
    return lists.of_customer(customer_id, search, limit=limit, cursor=cursor)


def cancel_order(
    order_id: str, *, customer_id: str, causation_id: str, orders: Orders, clock: Clock
) -> Order:
    """Cancel what can be cancelled; cancelling again changes nothing. Raises NotFound, MoveNotAllowed."""
    order = get_order(order_id, customer_id=customer_id, orders=orders)
    moved = record_fact(
        order_id, Fact.CUSTOMER_CANCELLED, causation_id=causation_id, orders=orders, clock=clock
    )
    if moved is not None:
        return moved
    order = get_order(order_id, customer_id=customer_id, orders=orders)
    if Fact.CUSTOMER_CANCELLED in {step.because for step in order.history}:
        return order
    raise MoveNotAllowed(f"an order that is {order.status} cannot be cancelled")


def record_fact(
    order_id: str,
    fact: Fact,
    *,
    causation_id: str,
    reason: str | None = None,
    orders: Orders,
    clock: Clock,
) -> Order | None:
    """Move the order on. None if the fact has no move from where the order is: it came late, or twice.

    Raises NotFound for an unknown order, ConcurrentUpdate when others wrote first too many times.
    """

    def attempt() -> Order | None:
        order = orders.get(order_id)
        if order is None:
            raise NotFound(order_id)
        if fact not in MOVES[order.status]:
            return None
        moved = order.heard(fact, at=clock(), causation_id=causation_id, reason=reason)
        orders.save(moved)
        return moved

    return again(attempt)
