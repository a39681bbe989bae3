"""When the dust has settled: what must be true of orders, money and units."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.integration.choreography.world import STOCK, World

ENDS = {"CONFIRMED", "REJECTED", "CANCELLED"}


def audit(world: World) -> None:
    orders = world.items("OrdersTable")
    stock = world.items("StockTable")
    confirmed = [order for order in orders if order["status"] == "CONFIRMED"]
    _audit_effects(world, orders, stock)
    assert {order["order_id"] for order in orders if order["status"] not in ENDS} == set(), "without an end"
    assert world.bank.balance() == {it["order_id"]: total_of(it) for it in confirmed}, "money"
    assert sold(stock) == units_in(confirmed), "units"
    _audit_stock(stock)


def total_of(order: dict[str, Any]) -> int:
    return sum(int(item["quantity"]) * int(item["price_minor"]) for item in order["items"])


def units_in(orders: Iterable[dict[str, Any]]) -> Counter[str]:
    units = Counter[str]()
    for order in orders:
        for item in order["items"]:
            units[item["product_id"]] += int(item["quantity"])
    return units


def sold(stock: list[dict[str, Any]]) -> Counter[str]:
    """What has left the shelves, by product."""
    units = Counter[str]()
    for item in stock:
        if item["kind"] == "LEVEL":
            units[item["product_id"]] += STOCK[item["product_id"], item["location"]] - int(item["on_hand"])
    return +units


def _ledger(stock: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every change of units: a level is its own newest entry, the earlier ones are filed."""
    levels = {(it["product_id"], it["location"]): it for it in stock if it["kind"] == "LEVEL"}
    filed = [
        it
        for it in stock
        if it["kind"] == "LEDGER" and it["version"] < levels[it["product_id"], it["location"]]["version"]
    ]
    return [*filed, *levels.values()]


def _audit_stock(stock: list[dict[str, Any]]) -> None:
    entries = _ledger(stock)
    for level in (item for item in stock if item["kind"] == "LEVEL"):
        assert level["on_hand"] >= level["held"] == 0, "nothing is held for nobody"
        place = (level["product_id"], level["location"])
        own = [it for it in entries if (it["product_id"], it["location"]) == place]
        assert sum(it["on_hand_change"] for it in own) == level["on_hand"], "the ledger adds up"
        assert sum(it["held_change"] for it in own) == 0


def _audit_effects(world: World, orders: list[dict[str, Any]], stock: list[dict[str, Any]]) -> None:
    """Each effect once per event id, and each change told under one id."""
    assert world.buried == []
    for order in orders:
        causes = [step["causation_id"] for step in order["history"]]
        assert len(set(causes)) == len(causes), "one event moved an order twice"
    moves = Counter(
        (it["product_id"], it["location"], it["reason"], it["causation_id"])
        for it in _ledger(stock)
        if it["reason"] != "expiry"  # the clock is no event
    )
    assert moves.total() == len(moves), "one event moved units twice"
    charged = Counter(charge.reference for charge in world.bank.charges)
    assert charged.total() == len(charged), "a reference was charged twice"
    assert world.queues.clashes == set(), "two changes were told as one event"
    versions = Counter(world.versions())
    assert versions.total() == len(versions), "a version was written twice"
    changes = Counter(_change_of(event) for event in world.queues.told.values())
    assert changes.total() == len(changes), "one change was told as two events"


def _change_of(event: dict[str, Any]) -> tuple[str, ...]:
    """Which change of what an event tells: a hold or an order changes at a moment of its own."""
    told, data = event["metadata"], event["data"]
    return (told["type"], told["occurred_at"], str(sorted(data.items(), key=str)))
