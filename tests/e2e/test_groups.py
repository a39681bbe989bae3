"""Groups of bookings from outside: seats, money and what the customer sees agree at every end."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

import pytest

from sandbox.api import expect, wait_for
from sandbox.deployment import Deployment
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e

VISA, DECLINED, SLOW = "pm_card_visa", "pm_card_chargeDeclined", "pm_test_slow"


def kept_of(clients: Clients, group: Any) -> list[int]:
    """Of each entry: how often it was charged less how often that was given back."""
    calls = [clients.calls(entry["bookingId"]) for entry in group["entries"]]
    return [each["charged"] - each["refunded"] for each in calls]


def test_a_group_that_all_can_be_booked_for_is_confirmed_and_each_booking_is_the_customers(
    clients: Clients,
) -> None:
    there, back = clients.flight(3), clients.flight(2)
    made = clients.book_group((there, 3, VISA), (back, 2, VISA))
    group = clients.group(made["groupId"])
    assert group["status"] == "CONFIRMED"
    assert (clients.seats_left(there), clients.seats_left(back), kept_of(clients, group)) == (0, 0, [1, 1])
    assert clients.booking(group["entries"][0]["bookingId"])["groupId"] == made["groupId"]
    path = f"/bookings/groups/{made['groupId']}"
    expect(404, clients.as_other("GET", "bookings", path))


@pytest.mark.parametrize(
    ("all_or_nothing", "status", "left", "kept"),
    [(True, "FAILED", 3, [0, 0, 0]), (False, "PARTLY_CONFIRMED", 1, [1, 0, 0])],
)
def test_a_group_of_which_two_fail_is_undone_or_kept_in_part(
    clients: Clients, all_or_nothing: bool, status: str, left: int, kept: list[int]
) -> None:
    flight, full = clients.flight(3), clients.flight(1)
    made = clients.book_group(
        (flight, 2, VISA), (flight, 1, DECLINED), (full, 2, VISA), all_or_nothing=all_or_nothing
    )

    def look() -> tuple[str, int, list[int]]:
        group = expect(200, clients.as_customer("GET", "bookings", made["links"]["self"]))
        return group["status"], clients.seats_left(flight), kept_of(clients, group)

    assert wait_for(look, lambda seen: seen == (status, left, kept), seconds=60) == (status, left, kept)
    assert clients.seats_left(full) == 1


def test_a_group_whose_execution_is_aborted_loses_neither_seats_nor_money(
    clients: Clients, deployment: Deployment
) -> None:
    states, flight = deployment.client("stepfunctions"), clients.flight(3)
    made = clients.book_group((flight, 1, VISA), (flight, 2, SLOW))
    first, second = (entry["bookingId"] for entry in made["entries"])
    assert clients.booking(first)["status"] == "CONFIRMED"
    machine = clients.outputs.stacks["Bookings"]["ProcessGroupArn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{made['groupId']}"
    states.stop_execution(executionArn=execution)

    def look() -> tuple[str, int, list[int]]:
        group = expect(200, clients.as_customer("GET", "bookings", made["links"]["self"]))
        return group["status"], clients.seats_left(flight), kept_of(clients, group)

    end = ("FAILED", 3, [0, 0])
    assert wait_for(look, lambda seen: seen == end, seconds=90) == end
    assert clients.booking(first)["reason"] == "group_failed"
    assert clients.booking(second)["status"] == "FAILED"


def test_of_100_who_book_the_last_20_seats_at_once_the_flight_ends_full(clients: Clients) -> None:
    """In parties of 1 to 3; full, or short of it by less than the smallest party that was refused."""
    flight = clients.flight(20)
    parties = list(islice(cycle((1, 2, 3)), 100))
    with ThreadPoolExecutor(20) as pool:
        bookings = list(pool.map(lambda seats: clients.book(flight, seats), parties))
        ends = list(pool.map(lambda booking: clients.booking(booking, seconds=150), bookings))

    seated = sum(end["seats"] for end in ends if end["status"] == "CONFIRMED")
    refused = [end["seats"] for end in ends if end["status"] == "FAILED"]
    assert Counter(end.get("reason") for end in ends).keys() == {None, "no_seats"}
    assert len(refused) >= 80
    assert 20 - min(refused) < seated <= 20
    assert clients.seats_left(flight) == 20 - seated
    charged = {booking: clients.calls(booking)["charged"] for booking in bookings}
    assert charged == {end["bookingId"]: int(end["status"] == "CONFIRMED") for end in ends}
