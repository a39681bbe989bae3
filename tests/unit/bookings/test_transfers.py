"""An airport transfer: asked for until it is settled, cancelled whatever is known of it."""

import pytest

from bookings.domain.bookings import Booking, BookingStatus
from bookings.domain.refusals import BookingIsOver, BookingStands
from bookings.domain.transfers import Transfer
from bookings.use_cases.saga import Cause, cancel_booking, reserve_booking
from bookings.use_cases.transfers import ask_transfer, cancel_transfer
from jetbridge.kernel.errors import NotFound
from tests.fakes.bookings import FakePartner, Fault, MemoryBookings, booking
from tests.fakes.clock import ticking

CAUSE = Cause("booking-1", "execution-1")


class World:
    def __init__(self, **changes: object) -> None:
        self.bookings = MemoryBookings(booking(**{"pickup": "LHR"} | changes))
        self.partner = FakePartner()
        self.clock = ticking()

    def now(self) -> Booking:
        found = self.bookings.get("booking-1")
        assert found is not None
        return found

    def ask(self) -> Transfer:
        return ask_transfer(CAUSE, bookings=self.bookings, partner=self.partner, clock=self.clock)

    def cancel(self) -> None:
        cancel_transfer(CAUSE, bookings=self.bookings, partner=self.partner, clock=self.clock)

    def outline(self) -> list[tuple[str, str]]:
        return [(step.name, step.outcome) for step in self.now().steps]


def test_a_transfer_is_asked_for_until_it_is_confirmed_and_the_booking_tells_it() -> None:
    world = World()
    assert [world.ask() for _ in range(3)] == [Transfer.PENDING, Transfer.CONFIRMED, Transfer.CONFIRMED]
    assert world.outline() == [("Reserve Transfer", "asked"), ("Reserve Transfer", "confirmed")]


def test_the_booking_tells_of_a_transfer_whose_answer_was_lost() -> None:
    world = World()
    world.partner.faults = 1
    with pytest.raises(Fault):
        world.ask()
    assert world.outline() == [("Reserve Transfer", "asked")]


def test_a_booking_that_wants_none_asks_for_none() -> None:
    world = World(pickup=None)
    with pytest.raises(NotFound):
        world.ask()
    assert world.partner.log == []


def test_nobody_asks_for_the_transfer_of_a_booking_that_is_over() -> None:
    world = World()
    cancel_booking(CAUSE, reason="fault", bookings=world.bookings, clock=world.clock)
    with pytest.raises(BookingIsOver):
        world.ask()
    assert world.partner.log == []


@pytest.mark.parametrize("asked", range(3))
def test_a_transfer_is_cancelled_however_far_it_came(asked: int) -> None:
    world = World()
    reserve_booking(CAUSE, bookings=world.bookings, clock=world.clock)
    for _ in range(asked):
        world.ask()
    cancel_booking(CAUSE, reason="fault", bookings=world.bookings, clock=world.clock)
    world.partner.faults = 1
    with pytest.raises(Fault):
        world.cancel()
    world.cancel()
    world.cancel()
    assert world.partner.cancelled
    assert world.outline().count(("Cancel Transfer", "done")) == 1


def test_the_transfer_of_a_booking_that_stands_is_left_alone() -> None:
    world = World(status=BookingStatus.CONFIRMED)
    with pytest.raises(BookingStands):
        world.cancel()
    assert world.partner.log == []


def test_a_booking_that_is_not_there_has_no_transfer_to_cancel() -> None:
    world = World()
    world.bookings.written.clear()
    world.cancel()
    assert world.partner.log == []
