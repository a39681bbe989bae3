"""Groups in the matrix: of two bookings the first is fine, and a task fails for the last, or the group."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from bookings.adapters.step_functions import group_input
from bookings.domain.bookings import MOVES, Booking, BookingStatus
from bookings.domain.groups import Entry, Group, GroupStatus
from bookings.handlers.group_views import group_view
from bookings.use_cases.groups import get_group
from jetbridge.kernel.clock import utc_now
from sandbox.api import wait_for
from tests.fakes.bookings import booking, flight
from tests.matrix.cells import ALL_OR_NOTHING, BROKEN, GROUP, STOPPED, Cell, Fault, Kind, load, tasks
from tests.matrix.verdicts import CAPACITY, SEATS
from tests.matrix.world import World

END_SECONDS = 3  # for what still goes on when the group's execution has ended
CUSTOMER = "customer-1"

UNANSWERED: Fault = {"kind": Kind.LOST, "always": True}

type Faults = dict[str, Fault]


@dataclass(frozen=True, slots=True)
class Member:
    """A booking of the group; what is kept and done is read where it cannot write."""

    booking_id: str
    status: BookingStatus
    kept: tuple[int, int, int]  # seats, charges, transfers
    done: dict[str, int]
    due: dict[str, int]

    @property
    def stands(self) -> bool:
        return self.status is BookingStatus.CONFIRMED

    @property
    def is_whole(self) -> bool:
        return self.kept == ((SEATS, 1, 0) if self.stands else (0, 0, 0))


@dataclass(frozen=True, slots=True)
class GroupEnd:
    """How it ended. `answer` is what its customer is told of the group."""

    cell: Cell
    group_id: str
    execution: str
    answer: str
    members: tuple[Member, ...]

    @property
    def conserved(self) -> bool:
        """Each is whole and at an end, and they are what was asked for and what the group says of them."""
        ended = all(it.stands or not MOVES[it.status] for it in self.members)
        whole = all(it.is_whole for it in self.members)
        return ended and whole and self._promised and self.answer == self._expected

    @property
    def _expected(self) -> GroupStatus:
        standing = [it.stands for it in self.members]
        if all(standing):
            return GroupStatus.CONFIRMED
        return GroupStatus.PARTLY_CONFIRMED if any(standing) else GroupStatus.FAILED

    @property
    def _promised(self) -> bool:
        """All or none; else the first, which was fine, unless nobody went on with the group."""
        if self.cell.saga == ALL_OR_NOTHING:
            return self._expected is not GroupStatus.PARTLY_CONFIRMED
        return self.members[0].stands or self.execution == "ABORTED"

    def verdict(self, told: dict[str, dict[str, object]]) -> str:
        if self.conserved:
            return "C" if all(it.done == it.due for it in self.members) else "X"
        known = told.get(self.group_id, {}).keys() == {"Settle Group"}
        return "R" if known and all(it.is_whole for it in self.members) else "L"


def play(cell: Cell, world: World) -> Callable[[], GroupEnd]:
    """Run the group to its end; what comes back then looks at it."""
    of_group, of_last = _faults(cell)
    group = _ask(cell, world)
    given: dict[str, Any] = group_input(group) | {"faults": of_group}
    for each, faults in zip(given["entries"], ({}, of_last), strict=True):
        each["faults"] = faults
    broken = tasks(GROUP).keys() & (of_group.keys() | of_last.keys())
    seen = world.run(GROUP, frozenset(broken), group.group_id, given)
    _wait_for_the_end(group, world)
    world.let_late_calls_come(seen["executionArn"])
    return partial(look, cell, group.group_id, seen["status"], world)


def _faults(cell: Cell) -> tuple[Faults, Faults]:
    """Those of the group's own tasks, and those of its last booking's.

    A booking is asked for since nobody told what became of it. A group is settled for a reason: the last got
    no seats, or where the others stand all the same, it was never begun. And its letter is written, and it is
    settled again, only when it could not be settled at once.
    """
    if cell.step == "Process Booking" and cell.kind is Kind.ABORTED:
        return {}, {"Confirm Booking": STOPPED}
    if cell.step not in load(GROUP)["States"]:
        return {}, {"Process Booking": UNANSWERED} | {cell.step: cell.fault}
    never_begun = {} if cell.saga == ALL_OR_NOTHING else {"Process Booking": BROKEN}
    unsettled = {"Settle Group": BROKEN} if cell.step in ("Booking DLQ", "Settle Group Again") else {}
    return unsettled | {cell.step: cell.fault}, never_begun


def _ask(cell: Cell, world: World) -> Group:
    ids = [uuid4().hex, uuid4().hex]
    full = cell.undoes and cell.saga == ALL_OR_NOTHING
    seats = [CAPACITY, SEATS - 1 if full else CAPACITY]
    for each, free in zip(ids, seats, strict=True):
        world.flights.add(flight(flight_id=each, seat_capacity=free, seats_available=free))
    group_id = uuid4().hex
    entries = tuple(Entry(each, each, SEATS, "pm_card_visa") for each in ids)
    group = Group(group_id, CUSTOMER, cell.saga == ALL_OR_NOTHING, entries, group_id, utc_now())
    members = [
        booking(booking_id=each, flight_id=each, seats=SEATS, customer_id=CUSTOMER, group_id=group_id)
        for each in ids
    ]
    assert world.groups.add(group, members)
    return group


def _wait_for_the_end(group: Group, world: World) -> None:
    ids = [entry.booking_id for entry in group.entries]
    wait_for(
        lambda: group.status(world.bookings.get_all(ids)),
        lambda status: status is not GroupStatus.IN_PROGRESS,
        seconds=END_SECONDS,
    )


def look(cell: Cell, group_id: str, execution: str, world: World) -> GroupEnd:
    group, stored = get_group(group_id, customer_id=CUSTOMER, groups=world.groups, bookings=world.bookings)
    members = tuple(_member(each, world) for each in stored)
    return GroupEnd(cell, group_id, execution, group_view(group, stored).status, members)


def _member(stored: Booking, world: World) -> Member:
    name = stored.booking_id
    steps, calls = [step.name for step in stored.steps], world.money.calls(name)
    undone = stored.status in (BookingStatus.FAILED, BookingStatus.CANCELLED)
    return Member(
        booking_id=name,
        status=stored.status,
        kept=(world.seats_held(name), world.money.kept(name), world.partner.kept(name)),
        done={
            "Cancel Booking": steps.count("Cancel Booking"),
            "Withdraw Booking": steps.count("Withdraw Booking"),
            "refunded": calls.count("refunded"),
        },
        due={
            "Cancel Booking": int(undone),
            "Withdraw Booking": int(stored.withdrawn),
            "refunded": calls.count("charged") if undone else 0,
        },
    )
