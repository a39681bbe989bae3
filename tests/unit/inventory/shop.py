"""Orders of lamps against a stock in memory: what the tests of holding and settling do."""

from datetime import UTC, datetime, timedelta

from inventory.domain.counting import take_over
from inventory.domain.holds import Hold, HoldStatus
from inventory.domain.levels import Cause, Change, Count, Place
from inventory.use_cases.holding import expire_holds, hold_stock, release_hold, sell_hold
from tests.fakes.deadlines import for_at_most
from tests.fakes.inventory import MemoryStock, no_pause

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
KEEP = timedelta(minutes=15)
LHR, JFK = Place("lamp", "LHR"), Place("lamp", "JFK")


def a_cause(order_id: str = "order-1", at: datetime = NOW) -> Cause:
    return Cause(order_id, "request-1", f"event of {order_id}", at)


def a_stock(**quantities: int) -> MemoryStock:
    stock = MemoryStock()
    for location, quantity in quantities.items():
        count = Count(Place("lamp", location), quantity, "2026-11-20", "1")
        _, level = take_over(count, None, threshold=0, cause=a_cause("import-1:2"))
        assert level
        stock.change([Change(None, level)])
    return stock


def hold(stock: MemoryStock, *lines: tuple[str, int], order_id: str = "order-1") -> Hold | None:
    asked = lines or (("lamp", 1),)
    return hold_stock(order_id, asked, keep=KEEP, cause=a_cause(order_id), stock=stock, pause=no_pause)


def sell(stock: MemoryStock, confirmed_at: datetime = NOW, order_id: str = "order-1") -> Hold | None:
    cause = a_cause(order_id, confirmed_at)
    return sell_hold(order_id, confirmed_at=confirmed_at, cause=cause, stock=stock, pause=no_pause)


def release(stock: MemoryStock, order_id: str = "order-1") -> Hold | None:
    return release_hold(order_id, cause=a_cause(order_id), stock=stock, pause=no_pause)


def expire(stock: MemoryStock, moment: datetime = NOW + KEEP, at_most: int = 100) -> list[Hold]:
    return expire_holds(moment=moment, going_on=for_at_most(at_most), stock=stock, pause=no_pause)


def status_of(hold: Hold | None) -> HoldStatus | None:
    return hold.status if hold else None


def units(stock: MemoryStock, place: Place = LHR) -> tuple[int, int]:
    return stock.levels[place].on_hand, stock.levels[place].held
