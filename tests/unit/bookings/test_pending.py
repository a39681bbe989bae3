"""What never began of a booking: begun again once, then undone; sweeps are bounded, none is starved."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bookings.domain.bookings import MOVES, Booking, BookingStatus, Step, Unsettled
from bookings.domain.groups import Entry, Group, withdraw
from bookings.domain.payments import Payment
from bookings.domain.waiting import UNDOING_TIME
from bookings.use_cases.passengers import book_seats
from bookings.use_cases.pending import Ways, pursue_pending
from checks.templates import ROOT
from tests.fakes.bookings import (
    FakeGroupSaga,
    FakeSaga,
    FakeUndoing,
    Fault,
    MemoryBookings,
    MemoryFlights,
    MemoryGroups,
    booking,
    flight,
    wish,
)
from tests.fakes.clock import MORNING, ticking
from tests.fakes.deadlines import for_at_most

LIMIT = timedelta(minutes=3)


class World:
    def __init__(self, *bookings: Booking) -> None:
        self.bookings = MemoryBookings(*bookings)
        self.saga, self.undoing = FakeSaga(), FakeUndoing()
        self.groups, self.group_saga = MemoryGroups(self.bookings), FakeGroupSaga()

    def sweep(self, moment: datetime, at_most: int = 10) -> list[str]:
        pursued = pursue_pending(
            moment=moment,
            limit=LIMIT,
            going_on=for_at_most(at_most),
            bookings=self.bookings,
            ways=Ways(self.groups, self.saga, self.group_saga, self.undoing),
        )
        return [it.booking_id for it in pursued]


def after(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes, seconds=1)


def test_a_saga_that_never_began_is_begun_and_the_second_time_the_booking_is_undone() -> None:
    world = World(booking())
    assert world.sweep(after(2)) == []
    assert world.sweep(after(3)) == ["booking-1"]
    assert (world.saga.started, world.undoing.started) == (["booking-1"], [])
    assert world.sweep(after(5)) == []
    assert world.sweep(after(7)) == ["booking-1"]
    assert world.undoing.started == [("booking-1", "pending-2")]


def test_an_undoing_that_was_cut_off_is_followed_by_another_once_its_time_is_up() -> None:
    world = World(booking())
    began = [minutes for minutes in range(120) if world.sweep(after(minutes))]
    assert began == [3, 7, 41, 75, 109], "its saga, then undoings that cannot overlap"
    names = [name for _, name in world.undoing.started]
    assert names == ["pending-2", "pending-3", "pending-4", "pending-5"]


def test_a_crash_between_an_undoing_and_the_mark_of_it_starts_no_second_one() -> None:
    world = World(booking(pursued_until=MORNING))

    def crash() -> None:
        raise Fault("killed")

    world.bookings.before_save = crash
    with pytest.raises(ExceptionGroup):
        world.sweep(after(4))
    world.bookings.before_save = lambda: None
    assert world.sweep(after(5)) == ["booking-1"]
    assert world.undoing.started == [("booking-1", "pending-1")]


@pytest.mark.parametrize("group_id", [None, "group-1"])
def test_a_booking_that_can_only_be_undone_is_undone_at_once(group_id: str | None) -> None:
    """Its group has given it up, or an undoing was cut off in the middle."""
    world = World(booking(refund_requested=True, withdrawn=bool(group_id), group_id=group_id))
    assert world.sweep(after(4)) == ["booking-1"]
    assert world.undoing.started == [("booking-1", "pending-1")]
    assert (world.saga.started, world.group_saga.started) == ([], [])


def test_no_undoing_takes_longer_than_the_sweep_waits_for_it() -> None:
    machine = json.loads((ROOT / "statemachines/compensate_booking.asl.json").read_text())
    assert UNDOING_TIME.total_seconds() == machine["TimeoutSeconds"]


def test_of_a_booking_in_a_group_only_the_group_is_begun_however_often() -> None:
    world = World()
    entry = Entry("booking-1", "JB101", 2, "pm_card_visa")
    group = Group("group-1", "customer-1", True, (entry,), "correlation-1", MORNING)
    world.groups.add(group, [booking(group_id="group-1")])
    for minutes in (3, 7, 11):
        assert world.sweep(after(minutes)) == ["booking-1"]
    assert world.group_saga.started == ["group-1"]
    assert (world.saga.started, world.undoing.started) == ([], [])


def step(name: str) -> Step:
    return Step(name, "", after(10), "request-1")


def given_back() -> Booking:
    confirmed = booking(status=BookingStatus.CONFIRMED, payment=Payment.CAPTURED)
    return confirmed.ask_cancellation(confirmed.total, step("Ask Cancellation"))


def test_a_cancellation_whose_undoing_never_began_is_begun_and_then_undone_under_another_name() -> None:
    world = World(given_back())
    assert world.sweep(after(12)) == []
    assert world.sweep(after(14)) == ["booking-1"]
    assert world.undoing.started == [("booking-1", "cancellation")]
    assert world.sweep(after(45)) == []
    assert world.sweep(after(48)) == ["booking-1"]
    assert world.undoing.started[1:] == [("booking-1", "pending-3")]
    undone = world.bookings.written[-1].undo("cancelled", Step("Cancel Booking", "", after(49), ""))
    world.bookings.save(undone)
    world.bookings.save(undone.settle(()))
    assert world.sweep(after(99)) == []


def test_what_its_group_gave_up_is_undone_as_the_group_would_have_done_it() -> None:
    step = Step("Withdraw Booking", "", after(10), "group-1")
    confirmed = booking(status=BookingStatus.CONFIRMED, payment=Payment.CAPTURED, group_id="group-1")
    world = World(withdraw(confirmed, step))
    assert world.sweep(after(14)) == ["booking-1"]
    assert (world.undoing.started, world.group_saga.started) == ([("booking-1", "withdrawal")], [])


@pytest.mark.parametrize("status", [it for it in BookingStatus if it is not BookingStatus.PENDING])
def test_a_booking_whose_saga_has_begun_is_left_alone(status: BookingStatus) -> None:
    world = World(booking(status=status, settled=not MOVES[status]))
    assert world.sweep(after(60)) == []


CUT_OFF = [
    booking(status=BookingStatus.RESERVED).request_refund(step("Refund Payment")),
    booking(status=BookingStatus.AWAITING_PAYMENT).undo("fault", step("Cancel Booking")),
    withdraw(booking(status=BookingStatus.AWAITING_PAYMENT, group_id="group-1"), step("Withdraw Booking")),
    given_back().undo("cancelled", step("Cancel Booking")),
]


@pytest.mark.parametrize("cut_off", CUT_OFF, ids=lambda it: it.steps[-1].name)
def test_an_undoing_that_was_cut_off_at_any_step_is_followed_by_another_until_one_has_ended(
    cut_off: Booking,
) -> None:
    """Its seats are still held, perhaps its transfer too, whatever the booking's status says."""
    world = World(cut_off)
    began = [minutes for minutes in range(120) if world.sweep(after(minutes))]
    assert began == [44, 78, 112], "after all that was under way when it was last heard of"
    assert len({name for _, name in world.undoing.started}) == 3
    world.bookings.save(world.bookings.written[-1].settle(()))
    assert world.sweep(after(400)) == []


def test_what_an_undoing_could_not_do_is_for_a_person_not_for_the_sweep() -> None:
    failed = booking(status=BookingStatus.RESERVED).undo("fault", step("Cancel Booking"))
    world = World(failed.settle((Unsettled("Release Flight", "States.Timeout", after(11)),)))
    assert world.sweep(after(400)) == []


def test_a_sweep_is_bounded_and_nobody_is_starved() -> None:
    world = World(*(booking(booking_id=f"booking-{number}") for number in range(5)))
    swept = [*world.sweep(after(4), 2), *world.sweep(after(4), 2), *world.sweep(after(4), 2)]
    assert swept == [f"booking-{number}" for number in range(5)]


def test_a_start_that_fails_is_tried_again_and_keeps_nobody_waiting() -> None:
    world = World(booking(), booking(booking_id="booking-2"))
    world.saga.faults = 1
    with pytest.raises(ExceptionGroup):
        world.sweep(after(4))
    assert world.saga.started == ["booking-2"]
    assert world.sweep(after(4)) == ["booking-1"]


def test_a_booking_that_moves_at_this_moment_is_left_alone() -> None:
    world = World(booking())

    def overtake() -> None:
        world.bookings.before_save = lambda: None
        world.bookings.written.append(booking(status=BookingStatus.RESERVED, version=2))

    world.bookings.before_save = overtake
    assert world.sweep(after(4)) == []


@pytest.mark.parametrize("status", list(BookingStatus))
def test_a_saga_begins_for_a_pending_booking_only(status: BookingStatus) -> None:
    stored = replace(booking(), status=status)
    saga = FakeSaga()
    book_seats(
        wish(),
        flights=MemoryFlights(flight()),
        bookings=MemoryBookings(stored),
        saga=saga,
        clock=ticking(),
    )
    assert bool(saga.started) is (status is BookingStatus.PENDING)
