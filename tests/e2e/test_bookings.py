"""Bookings from the passenger's side: seats and money agree with the status at every end of the saga."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sandbox.api import expect, wait_for
from sandbox.deployment import Deployment
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("card", "seats", "end", "left", "charged"),
    [
        ("pm_card_visa", 2, "CONFIRMED", 1, 1),
        ("pm_card_visa", 4, "FAILED", 3, 0),
        ("pm_card_chargeDeclined", 2, "FAILED", 3, 0),
        ("pm_test_answer_lost", 1, "CONFIRMED", 2, 1),
    ],
)
def test_a_booking_comes_to_its_end(
    clients: Clients, card: str, seats: int, end: str, left: int, charged: int
) -> None:
    flight = clients.flight(3)
    booking = clients.book(flight, seats, card)

    seen = clients.booking(booking, seconds=240)
    assert seen["status"] == end
    assert ("reason" in seen) == (end == "FAILED")
    assert wait_for(lambda: clients.seats_left(flight), lambda now: now == left, seconds=30) == left
    assert clients.calls(booking)["charged"] == charged


@pytest.mark.parametrize(
    ("pickup", "end", "charged", "cancelled"),
    [("LHR Terminal 5", "CONFIRMED", 1, 0), ("test_failure", "FAILED", 0, 1)],
)
def test_a_transfer_is_had_with_the_booking_or_nothing_is(
    clients: Clients, pickup: str, end: str, charged: int, cancelled: int
) -> None:
    flight = clients.flight(3)
    booking = clients.book(flight, 2, transfer=pickup)
    seen = clients.booking(booking, seconds=150)
    assert (seen["status"], seen["transfer"]) == (end, {"pickup": pickup})
    left = 1 if end == "CONFIRMED" else 3
    assert wait_for(lambda: clients.seats_left(flight), lambda now: now == left, seconds=60) == left
    calls = clients.calls(booking)
    assert (calls["charged"], calls["cancelled"]) == (charged, cancelled)


def test_of_10_who_book_the_last_3_seats_exactly_3_fly(clients: Clients) -> None:
    flight = clients.flight(3)
    with ThreadPoolExecutor(10) as pool:
        bookings = list(pool.map(lambda _: clients.book(flight, 1), range(10)))
        ends = list(pool.map(lambda booking: clients.booking(booking, seconds=150)["status"], bookings))

    assert sorted(ends) == ["CONFIRMED"] * 3 + ["FAILED"] * 7
    assert clients.seats_left(flight) == 0
    assert sum(clients.calls(booking)["charged"] for booking in bookings) == 3


def test_who_books_forgets_the_marks_of_long_ago(clients: Clients, deployment: Deployment) -> None:
    """A cancelled booking leaves a mark; others are put beside it, as if they were left an hour ago."""
    flight, tables = clients.flight(3), deployment.client("dynamodb")
    cancelled = clients.book(flight, 2)
    clients.booking(cancelled)
    expect(202, clients.as_customer("DELETE", "bookings", f"/bookings/{cancelled}"))
    at = {
        "TableName": clients.outputs.stacks["Bookings"]["FlightsTableName"],
        "Key": {"flight_id": {"S": flight}},
    }

    def holders() -> dict[str, int]:
        found = tables.get_item(**at, ConsistentRead=True)["Item"]["holders"]["M"]
        return {name: int(entry["M"]["seats"]["N"]) for name, entry in found.items()}

    assert wait_for(holders, lambda seen: seen == {cancelled: 0}, seconds=60) == {cancelled: 0}
    an_hour_ago = str(int((datetime.now(UTC) - timedelta(hours=1)).timestamp() * 1000))
    mark = {"M": {"seats": {"N": "0"}, "released_at": {"N": an_hour_ago}}}
    old = {f"old-{n}": mark for n in range(30)}
    old["at-hand"] = tables.get_item(**at)["Item"]["holders"]["M"][cancelled]
    tables.update_item(
        **at,
        UpdateExpression="SET holders = :holders",
        ExpressionAttributeValues={":holders": {"M": old}},
    )

    made = clients.book(flight, 3)
    assert clients.booking(made)["status"] == "CONFIRMED"
    assert holders() == {"at-hand": 0, made: 3}


def test_a_cancelled_booking_gives_back_seats_and_money_once(clients: Clients) -> None:
    flight = clients.flight(3)
    booking = clients.book(flight, 2)
    assert clients.booking(booking)["status"] == "CONFIRMED"
    for _ in range(2):
        cancelled = expect(202, clients.as_customer("DELETE", "bookings", f"/bookings/{booking}"))
        assert cancelled["refund"] == cancelled["total"]

    def look() -> tuple[str, int, int]:
        seen = expect(200, clients.as_customer("GET", "bookings", f"/bookings/{booking}"))
        return seen["status"], clients.seats_left(flight), clients.calls(booking)["refunded"]

    end = ("CANCELLED", 3, 1)
    assert wait_for(look, lambda seen: seen == end, seconds=60) == end


def test_a_late_cancellation_gives_back_a_part_and_says_what_it_keeps(clients: Clients) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    booking = clients.book(clients.flight(1, soon.isoformat()), 1)
    assert clients.booking(booking)["status"] == "CONFIRMED"
    cancelled = expect(202, clients.as_customer("DELETE", "bookings", f"/bookings/{booking}"))
    assert [cancelled[part]["amount"] for part in ("total", "refund", "fee")] == ["129.00", "64.50", "64.50"]

    money = {"charged": Decimal("129.00"), "refunded": Decimal("64.50")}
    assert wait_for(lambda: clients.money(booking), lambda seen: seen == money, seconds=60) == money
