"""Groups of bookings: stored once, started once; what must not stand is given up, whatever happens."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.bookings import Booking, BookingStatus, Step
from bookings.domain.flights import FlightDeparted, FlightNotFound
from bookings.domain.groups import Entry, Group, GroupStatus, was_made, withdraw
from bookings.domain.payments import Payment
from bookings.domain.refusals import BookingIsOver, BookingUnderWay
from bookings.use_cases.groups import (
    GroupNotSettled,
    GroupWish,
    await_booking,
    book_group,
    get_group,
    settle_group,
)
from jetbridge.kernel.errors import KeyReused, NotFound
from jetbridge.kernel.money import Money
from tests.fakes.bookings import (
    FakeGroupSaga,
    FakeUndoing,
    Fault,
    MemoryBookings,
    MemoryFlights,
    MemoryGroups,
    booking,
    flight,
)
from tests.fakes.clock import MORNING, ticking

PRICE = Money(10050, "USD")
STEP = Step("Withdraw Booking", "group failed", MORNING, "execution-1")
UNDER_WAY = (BookingStatus.PENDING, BookingStatus.RESERVED, BookingStatus.AWAITING_PAYMENT)


def wish(*flights: str, **changes: Any) -> GroupWish:
    values: dict[str, Any] = {
        "group_id": "group-1",
        "customer_id": "customer-1",
        "all_or_nothing": True,
        "entries": tuple(
            Entry(f"booking-{place}", flight, 2, "pm_card_visa") for place, flight in enumerate(flights)
        ),
        "correlation_id": "correlation-1",
    }
    return GroupWish(**(values | changes))


def entry_of(place: int, status: BookingStatus, **changes: Any) -> Booking:
    return booking(booking_id=f"booking-{place}", status=status, group_id="group-1", **changes)


class World:
    """A group whose bookings have come so far, and everything that can be done with it."""

    def __init__(self, *statuses: BookingStatus, all_or_nothing: bool = True) -> None:
        self.bookings = MemoryBookings(*(entry_of(place, status) for place, status in enumerate(statuses)))
        entries = tuple(Entry(f"booking-{place}", "JB101", 2, "pm") for place in range(len(statuses)))
        self.group = Group("group-1", "customer-1", all_or_nothing, entries, "correlation-1", MORNING)
        self.groups = MemoryGroups(self.bookings, self.group)
        self.undoing = FakeUndoing()

    def settle(self) -> list[str]:
        given_up = settle_group(
            "group-1",
            causation_id="execution-1",
            groups=self.groups,
            bookings=self.bookings,
            undoing=self.undoing,
            clock=ticking(),
        )
        return [booking.booking_id for booking in given_up]

    def now(self) -> tuple[Booking, ...]:
        return self.bookings.get_all([entry.booking_id for entry in self.group.entries])

    def change(self, place: int, **changes: Any) -> None:
        seen = self.now()[place]
        self.bookings.save(replace(seen, **changes, version=seen.version + 1))


def book(
    asked: GroupWish, bookings: MemoryBookings, groups: MemoryGroups, saga: FakeGroupSaga, **flights: Any
) -> Group:
    known = MemoryFlights(flight(flight_id="JB1", **flights), flight(flight_id="JB2"))
    return book_group(asked, flights=known, groups=groups, saga=saga, clock=ticking())


def test_a_group_is_stored_with_its_bookings_and_started_once_however_often_it_is_asked_for() -> None:
    bookings, saga = MemoryBookings(), FakeGroupSaga()
    groups = MemoryGroups(bookings)
    first = book(wish("JB1", "JB2"), bookings, groups, saga)
    assert book(wish("JB1", "JB2"), bookings, groups, saga) == first
    assert saga.started == ["group-1"]
    stored = [(it.booking_id, it.flight_id, it.group_id, it.total, it.status) for it in bookings.written]
    assert stored == [
        ("booking-0", "JB1", "group-1", PRICE, BookingStatus.PENDING),
        ("booking-1", "JB2", "group-1", PRICE, BookingStatus.PENDING),
    ]


def test_a_crash_before_the_start_heals_when_the_group_is_asked_for_again() -> None:
    bookings, saga = MemoryBookings(), FakeGroupSaga(faults=1)
    groups = MemoryGroups(bookings)
    with pytest.raises(Fault):
        book(wish("JB1"), bookings, groups, saga)
    book(wish("JB1"), bookings, groups, saga)
    assert (saga.started, len(bookings.written)) == (["group-1"], 1)


@pytest.mark.parametrize("changes", [{"all_or_nothing": False}, {"entries": ()}, {"customer_id": "other"}])
def test_the_key_of_another_group_is_refused(changes: dict[str, Any]) -> None:
    bookings, saga = MemoryBookings(), FakeGroupSaga()
    groups = MemoryGroups(bookings)
    book(wish("JB1"), bookings, groups, saga)
    with pytest.raises(KeyReused):
        book(wish("JB1", **changes), bookings, groups, saga)


def test_a_refused_entry_is_named_and_nothing_is_stored() -> None:
    bookings, saga = MemoryBookings(), FakeGroupSaga()
    groups = MemoryGroups(bookings)
    with pytest.raises(FlightNotFound, match="entries/1"):
        book(wish("JB1", "JB404"), bookings, groups, saga)
    with pytest.raises(FlightDeparted, match="entries/1"):
        book(wish("JB2", "JB1"), bookings, groups, saga, departs_at=MORNING - timedelta(seconds=1))
    assert (bookings.written, groups.stored, saga.started) == ([], {}, [])


def test_a_group_is_seen_by_its_customer_and_operators_only() -> None:
    world = World(BookingStatus.PENDING)
    seen, entries = get_group(
        "group-1", customer_id="customer-1", groups=world.groups, bookings=world.bookings
    )
    assert (seen, entries) == (world.group, world.now())
    by_operator = get_group("group-1", customer_id=None, groups=world.groups, bookings=world.bookings)
    assert by_operator == (seen, entries)
    for customer, group in (("other", "group-1"), ("customer-1", "group-2")):
        with pytest.raises(NotFound):
            get_group(group, customer_id=customer, groups=world.groups, bookings=world.bookings)


@pytest.mark.parametrize("status", BookingStatus)
def test_a_booking_is_waited_for_until_it_has_ended(status: BookingStatus) -> None:
    bookings = MemoryBookings(booking(status=status))
    if status in UNDER_WAY:
        with pytest.raises(BookingUnderWay):
            await_booking("booking-1", bookings=bookings)
    else:
        await_booking("booking-1", bookings=bookings)
    with pytest.raises(NotFound):
        await_booking("booking-2", bookings=bookings)


def test_a_group_that_was_made_whole_stands_also_when_its_passenger_cancels_a_part() -> None:
    world = World(BookingStatus.CONFIRMED, BookingStatus.CONFIRMED)
    world.change(0, refund_due=PRICE)
    assert world.settle() == []
    world.change(0, status=BookingStatus.CANCELLED)
    assert world.settle() == []
    assert (world.undoing.started, world.group.status(world.now())) == ([], GroupStatus.CONFIRMED)


def test_all_or_nothing_gives_up_what_stands_and_what_is_under_way_once() -> None:
    world = World(BookingStatus.CONFIRMED, BookingStatus.FAILED, BookingStatus.AWAITING_PAYMENT)
    assert world.settle() == world.settle() == ["booking-0", "booking-2"]
    assert world.undoing.started == [("booking-0", "withdrawal"), ("booking-2", "withdrawal")]
    confirmed, failed, waiting = world.now()
    assert (confirmed.refund_due, confirmed.refund_requested) == (PRICE, False)
    assert (waiting.refund_due, waiting.refund_requested) == (None, True)
    assert failed.version == 1


def test_a_group_that_failed_says_so_although_its_passenger_had_cancelled_a_part_before() -> None:
    world = World(BookingStatus.CONFIRMED, BookingStatus.CONFIRMED, BookingStatus.FAILED)
    world.change(0, refund_due=PRICE)
    assert world.settle() == ["booking-1"]
    for place in (0, 1):
        assert world.group.status(world.now()) is GroupStatus.IN_PROGRESS
        world.change(place, status=BookingStatus.CANCELLED)
    assert world.group.status(world.now()) is GroupStatus.FAILED


def test_the_best_effort_gives_up_only_what_never_came_to_an_end() -> None:
    world = World(BookingStatus.CONFIRMED, BookingStatus.FAILED, BookingStatus.PENDING, all_or_nothing=False)
    assert world.settle() == ["booking-2"]
    assert world.now()[0].stands


def test_one_that_cannot_be_given_up_keeps_no_other_and_is_tried_again() -> None:
    world = World(*[BookingStatus.CONFIRMED] * 3, BookingStatus.FAILED)
    world.undoing.broken = {"booking-1"}
    with pytest.raises(GroupNotSettled, match="1 bookings") as raised:
        world.settle()
    cause = raised.value.__cause__
    assert isinstance(cause, ExceptionGroup)
    assert [fault.__notes__ for fault in cause.exceptions] == [["booking-1"]]
    assert world.undoing.started == [("booking-0", "withdrawal"), ("booking-2", "withdrawal")]
    world.undoing.broken = set()
    assert world.settle() == ["booking-0", "booking-1", "booking-2"]
    assert len(world.undoing.started) == 3


def test_a_settling_that_was_cut_off_is_finished_though_the_late_booking_was_made_meanwhile() -> None:
    world = World(BookingStatus.CONFIRMED, BookingStatus.AWAITING_PAYMENT)
    world.bookings.lose_answers = 1

    def cut_off() -> None:
        if world.now()[0].withdrawn:
            raise Fault("cut off")

    world.bookings.before_save = cut_off
    with pytest.raises(GroupNotSettled, match="2 bookings"):
        world.settle()
    world.bookings.before_save = lambda: None
    assert [it.withdrawn for it in world.now()] == [True, False]
    world.change(1, status=BookingStatus.CONFIRMED, payment=Payment.CAPTURED)
    assert world.settle() == ["booking-0", "booking-1"]


def test_a_booking_that_was_given_up_is_never_confirmed_and_says_why() -> None:
    waiting = entry_of(0, BookingStatus.AWAITING_PAYMENT, payment=Payment.CAPTURED)
    withdrawn = withdraw(waiting, STEP)
    with pytest.raises(BookingIsOver):
        withdrawn.confirm(STEP)
    failed = withdrawn.undo("fault", STEP)
    assert (failed.status, failed.reason) == (BookingStatus.FAILED, "group_failed")
    confirmed = withdraw(entry_of(0, BookingStatus.CONFIRMED), STEP)
    undone = confirmed.request_refund(STEP).undo("cancelled", STEP)
    assert (undone.status, undone.reason, undone.refund_due) == (
        BookingStatus.CANCELLED,
        "group_failed",
        PRICE,
    )
    assert not was_made(undone)


@pytest.mark.parametrize(
    ("statuses", "whole", "best_effort"),
    [
        ("CONFIRMED CONFIRMED", "CONFIRMED", "CONFIRMED"),
        ("CONFIRMED PENDING", "IN_PROGRESS", "IN_PROGRESS"),
        ("FAILED PENDING", "IN_PROGRESS", "IN_PROGRESS"),
        ("CONFIRMED FAILED", "IN_PROGRESS", "PARTLY_CONFIRMED"),
        ("FAILED FAILED", "FAILED", "FAILED"),
        ("CONFIRMED CANCELLED", "CONFIRMED", "CONFIRMED"),
    ],
)
def test_the_status_of_a_group_is_that_of_its_bookings(statuses: str, whole: str, best_effort: str) -> None:
    for all_or_nothing, told in ((True, whole), (False, best_effort)):
        world = World(*map(BookingStatus, statuses.split()), all_or_nothing=all_or_nothing)
        assert world.group.status(world.now()) == told


@given(st.lists(st.sampled_from(BookingStatus), min_size=1, max_size=6), st.booleans())
def test_what_stands_after_settling_is_what_may(statuses: list[BookingStatus], all_or_nothing: bool) -> None:
    world = World(*statuses, all_or_nothing=all_or_nothing)
    world.settle()
    stands = [booking.stands for booking in world.now()]
    made = [status in (BookingStatus.CONFIRMED, BookingStatus.CANCELLED) for status in statuses]
    was = [status is BookingStatus.CONFIRMED for status in statuses]
    assert stands == (was if all(made) or not all_or_nothing else [False] * len(statuses))
    given_up = {booking_id for booking_id, _ in world.undoing.started}
    assert given_up == {it.booking_id for it in world.now() if it.withdrawn}
    for status, it in zip(statuses, world.now(), strict=True):
        assert it.withdrawn or it.stands or status in (BookingStatus.FAILED, BookingStatus.CANCELLED)


def test_every_booking_that_is_under_way_refuses_to_go_on_once_given_up() -> None:
    for status, payment in product(UNDER_WAY, (None, Payment.CAPTURED)):
        withdrawn = withdraw(entry_of(0, status, payment=payment), STEP)
        for step in (withdrawn.reserve, withdrawn.confirm):
            with pytest.raises(BookingIsOver):
                step(STEP)
        with pytest.raises(BookingIsOver):
            withdrawn.await_payment("token-1", STEP)
