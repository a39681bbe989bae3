"""Holding stock for orders, and what becomes of what is held."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from inventory.domain.holds import (
    MOVES,
    Hold,
    HoldStatus,
    StockShort,
    TakingRule,
    TooManyLines,
    merge,
    plan,
)
from inventory.domain.levels import Cause, Change
from inventory.ports import Stock
from jetbridge.kernel.contention import Pause, again
from jetbridge.kernel.errors import ConcurrentUpdate, NotFound
from jetbridge.kernel.sweeps import GoingOn, sweep


def hold_stock(
    order_id: str,
    lines: Iterable[tuple[str, int]],
    *,
    keep: timedelta,
    cause: Cause,
    stock: Stock,
    pause: Pause,
    preferred: str | None = None,
) -> Hold | None:
    """Hold every line of the order for so long, or reject it; None if the order was heard of before.

    `lines` are products and quantities; `preferred` is the location to take from first. Raises
    ConcurrentUpdate when others were first too many times: the order is rejected only for a shortage
    that was seen.
    """
    asked = list(lines)

    def attempt() -> Hold | None:
        hold, changes = _decide(order_id, asked, preferred=preferred, keep=keep, cause=cause, stock=stock)
        return hold if stock.save_hold(hold, changes) else None

    return again(attempt, pause=pause)


def _decide(
    order_id: str,
    lines: list[tuple[str, int]],
    *,
    preferred: str | None,
    keep: timedelta,
    cause: Cause,
    stock: Stock,
) -> tuple[Hold, list[Change]]:
    rejected = Hold(order_id, HoldStatus.REJECTED, cause)
    try:
        wanted = merge(lines)
        levels = {product_id: stock.levels_of(product_id) for product_id in wanted}
        planned = plan(wanted, levels, preferred)
    except StockShort as short:
        return replace(rejected, reason=short.code, shortages=short.shortages), []
    except TooManyLines as refusal:
        return replace(rejected, reason=refusal.code), []
    known = {level.place: level for found in levels.values() for level in found}
    changes = [Change(known[line.place], known[line.place].hold(line.quantity, cause)) for line in planned]
    rule = TakingRule.PREFERRED_LOCATION_FIRST if preferred else TakingRule.MOST_STOCK_FIRST
    hold = Hold(order_id, HoldStatus.HELD, cause, lines=tuple(planned), expires_at=cause.at + keep, rule=rule)
    return hold, changes


def sell_hold(
    order_id: str, *, confirmed_at: datetime, cause: Cause, stock: Stock, pause: Pause
) -> Hold | None:
    """The held units leave. An order that was confirmed too late loses its hold instead: EXPIRED.

    None if the hold was settled before. Raises NotFound, ConcurrentUpdate.
    """

    def sold_or_expired(hold: Hold) -> HoldStatus:
        return HoldStatus.EXPIRED if hold.has_expired(confirmed_at) else HoldStatus.SOLD

    return _settle(order_id, sold_or_expired, lambda _: cause, stock, pause)


def release_hold(order_id: str, *, cause: Cause, stock: Stock, pause: Pause) -> Hold | None:
    """What is held, or was sold, is available again. None if there is nothing to give back.

    An order that was never heard of leaves a tombstone: should it come later, nothing is held for it.
    Raises ConcurrentUpdate.
    """
    tombstone = Hold(order_id, HoldStatus.RELEASED, cause)
    if stock.hold_of(order_id) is None and stock.save_hold(tombstone, []):
        return None
    return _settle(order_id, lambda _: HoldStatus.RELEASED, lambda _: cause, stock, pause)


def expire_holds(*, moment: datetime, going_on: GoingOn, stock: Stock, pause: Pause) -> list[Hold]:
    """Give back the holds that have passed their time, longest past first.

    One that cannot be given back now is left for the next time and keeps nobody waiting; faults are
    raised as one ExceptionGroup at the end.
    """

    def expired(hold: Hold) -> HoldStatus:
        return HoldStatus.EXPIRED if hold.has_expired(moment) else hold.status

    def cause_of(hold: Hold) -> Cause:
        return Cause(hold.order_id, hold.cause.correlation_id, hold.cause.causation_id, moment)

    return sweep(
        stock.expired_orders(moment),
        lambda order_id: _settle(order_id, expired, cause_of, stock, pause),
        going_on=going_on,
        failed="holds that could not be given back",
    )


def _settle(
    order_id: str,
    choose: Callable[[Hold], HoldStatus],
    cause_of: Callable[[Hold], Cause],
    stock: Stock,
    pause: Pause,
) -> Hold | None:
    """Move the hold on, with its levels; None if its status has no such move: it came late, or twice."""

    def attempt() -> Hold | None:
        hold = stock.hold_of(order_id)
        if hold is None:
            raise NotFound(order_id)
        status = choose(hold)
        if status not in MOVES[hold.status]:
            return None
        levels = stock.levels_at(line.place for line in hold.lines)
        moved, changes = hold.move(status, levels, cause_of(hold))
        if not stock.save_hold(moved, changes):
            raise ConcurrentUpdate(order_id)
        return moved

    return again(attempt, pause=pause)
