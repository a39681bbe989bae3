"""What must be true of seats always, and of bookings, money and seats when the dust has settled."""

from collections import Counter
from typing import Any

from bookings import bootstrap
from tests.integration.orchestration.world import CAPACITY, World

ENDS = {"CONFIRMED", "FAILED", "CANCELLED"}


def held(flight: dict[str, Any]) -> dict[str, int]:
    return {name: int(it["seats"]) for name, it in flight["holders"].items() if it["seats"]}


def audit_seats(world: World) -> None:
    for flight in world.items("FlightsTable"):
        free, capacity = flight["seats_available"], CAPACITY[flight["flight_id"]]
        assert free >= 0, "oversold"
        assert free + sum(held(flight).values()) == capacity, "seats free and held"
        marks = {name for name, it in flight["holders"].items() if "released_at" in it}
        assert marks.isdisjoint(held(flight)), "a mark holds no seats"
        assert marks | held(flight).keys() == flight["holders"].keys(), "who holds none has a mark"


def audit(world: World) -> None:
    audit_seats(world)
    bookings = world.items("BookingsTable")
    _audit_effects(world)
    assert {it["booking_id"] for it in bookings if not _has_ended(it)} == set(), "without an end"
    assert world.bank.balance() == _kept(bookings), "money"
    seats = {name: seats for flight in world.items("FlightsTable") for name, seats in held(flight).items()}
    standing = {it["booking_id"]: int(it["seats"]) for it in bookings if it["status"] == "CONFIRMED"}
    assert seats == standing, "seats held by those who travel"
    _audit_groups(world, {it["booking_id"]: it for it in bookings})


def _has_ended(booking: dict[str, Any]) -> bool:
    undone = booking["status"] != "CONFIRMED" or booking.get("refund_due_minor") is None
    return booking["status"] in ENDS and undone and not booking.get("unsettled")


def _kept(bookings: list[dict[str, Any]]) -> dict[str, int]:
    """The price of every confirmed booking, and the fee of every cancelled one."""
    kept = {it["booking_id"]: int(it["total_minor"]) for it in bookings if it["status"] == "CONFIRMED"}
    for it in (it for it in bookings if it["status"] == "CANCELLED"):
        kept[it["booking_id"]] = int(it["total_minor"] - it["refund_due_minor"])
    return {name: minor for name, minor in kept.items() if minor}


def _audit_effects(world: World) -> None:
    """Each effect once, and each change told under one id."""
    assert world.buried == []
    assert world.queues.clashes == set(), "two changes were told as one event"
    charges, refunds = (
        Counter(it.reference for it in moved) for moved in (world.bank.charges, world.bank.refunds)
    )
    assert charges.total() == len(charges), "a reference was charged twice"
    assert refunds.total() == len(refunds), "a refund was given twice"
    versions = Counter(world.versions())
    assert versions.total() == len(versions), "a version was written twice"
    told = Counter((it["metadata"]["type"], str(_whose(it["data"]))) for it in world.queues.told.values())
    assert told.total() == len(told), "a booking was confirmed, failed or given back twice"


def _whose(data: dict[str, Any]) -> Any:
    return data.get("booking_id") or data["reference"]


def _audit_groups(world: World, bookings: dict[str, Any]) -> None:
    for group in world.items("GroupsTable"):
        entries = [bookings[entry["booking_id"]] for entry in group["entries"]]
        made = [it["status"] != "FAILED" and not it.get("withdrawn") for it in entries]
        # A passenger may cancel an entry while the others are still under way: it was made, and stays so.
        standing = [it["status"] == "CONFIRMED" for it in entries]
        assert not group["all_or_nothing"] or all(made) or not any(standing), "all or nothing"
        assert _status(group) in ENDS | {"PARTLY_CONFIRMED"}, "a group without an end"


def _status(group: dict[str, Any]) -> str:
    """As its customer is told."""
    found = bootstrap.groups().get(group["group_id"])
    assert found is not None
    return found.status(bootstrap.bookings().get_all([entry.booking_id for entry in found.entries]))
