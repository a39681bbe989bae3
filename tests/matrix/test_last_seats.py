"""100 book the last 20 seats at once, in parties of 1 to 3, on the real machine and table."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from uuid import uuid4

import pytest

from bookings.domain.bookings import BookingStatus
from tests.fakes.bookings import booking, flight
from tests.matrix.cells import PROCESS
from tests.matrix.world import World

SEATS, PARTIES, AT_ONCE = 20, list(islice(cycle((3, 1, 2, 3, 2)), 100)), 16


@pytest.mark.e2e
def test_the_last_seats_are_sold_once_and_to_the_last_that_fits(on_aws: World) -> None:
    name = uuid4().hex
    on_aws.flights.add(flight(flight_id=name, seat_capacity=SEATS, seats_available=SEATS))

    def book(numbered: tuple[int, int]) -> str:
        number, party = numbered
        booking_id = f"{name}-{number}"
        on_aws.bookings.add(booking(booking_id=booking_id, flight_id=name, seats=party))
        wish = {"booking_id": booking_id, "flight_id": name, "seats": party, "correlation_id": name}
        on_aws.execute(PROCESS, frozenset(), booking_id, wish | {"faults": {}})
        return booking_id

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ids = list(pool.map(book, enumerate(PARTIES)))
    on_aws.wait_until_quiet()

    ends = [on_aws.bookings.get(each) for each in ids]
    sold = {it.booking_id: it.seats for it in ends if it and it.status is BookingStatus.CONFIRMED}
    refused = [it.seats for it in ends if it and it.status is BookingStatus.FAILED]
    flown = on_aws.flights.get(name)
    assert flown is not None
    assert len(sold) + len(refused) == len(PARTIES)
    assert sum(sold.values()) + flown.seats_available == SEATS
    assert flown.seats_available < min(refused)
    assert {each for each in ids if on_aws.money.kept(each)} == set(sold)
