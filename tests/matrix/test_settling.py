"""A compensation that failed for good: the booking says so until an operator has had it done."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bookings.domain.bookings import Booking, BookingStatus
from jetbridge.kernel.clock import utc_now
from sandbox.api import wait_for
from tests.fakes.bookings import booking, flight
from tests.matrix.cells import ALL_OR_NOTHING, BROKEN, COMPENSATE, PROCESS, STOPPED, Cell, Kind
from tests.matrix.groups import GroupEnd, look
from tests.matrix.partner import AT_ONCE
from tests.matrix.runs import run
from tests.matrix.world import World

pytestmark = pytest.mark.e2e

END_SECONDS = 30


def fail(world: World, *steps: str) -> tuple[dict[str, Any], Any]:
    """A booking that cannot be confirmed, in whose saga these steps fail too: its wish, and how it ended."""
    name = uuid4().hex
    world.flights.add(flight(flight_id=name, seat_capacity=3, seats_available=3))
    world.bookings.add(booking(booking_id=name, flight_id=name, seats=1, pickup=AT_ONCE))
    wish = {"booking_id": name, "flight_id": name, "seats": 1, "correlation_id": name, "transfer": True}
    faults = dict.fromkeys(("Confirm Booking", *steps), BROKEN)
    return wish, world.execute(PROCESS, frozenset(faults), name, wish | {"faults": faults})


def found(world: World, name: str) -> Booking:
    stored = world.bookings.get(name)
    assert stored is not None
    return stored


def test_an_operator_has_what_is_missing_done_and_the_booking_says_so(on_aws: World) -> None:
    wish, _ = fail(on_aws, "Refund Payment", "Cancel Transfer")
    name = wish["booking_id"]
    before = found(on_aws, name)
    assert [(it.compensation, it.error) for it in before.unsettled] == [
        ("Refund Payment", "RuntimeError"),
        ("Cancel Transfer", "RuntimeError"),
    ]
    assert (on_aws.money.kept(name), on_aws.partner.kept(name)) == (1, 1)

    asked = wish | {"faults": {}, "notice": "BookingFailed", "reason": "fault"}
    assert on_aws.execute(COMPENSATE, frozenset(), f"{name}-again", asked)["status"] == "SUCCEEDED"
    on_aws.wait_until_quiet()
    after = found(on_aws, name)
    assert (after.status, after.unsettled) == (BookingStatus.FAILED, ())
    assert (on_aws.money.kept(name), on_aws.partner.kept(name)) == (0, 0)


def test_a_group_that_was_not_settled_is_settled_by_hand(on_aws: World) -> None:
    cell = Cell(ALL_OR_NOTHING, "Settle Group Again", Kind.GENERIC, always=True)
    [end] = run([cell], on_aws, 1)
    assert isinstance(end, GroupEnd)
    assert (end.answer, [it.stands for it in end.members]) == ("IN_PROGRESS", [True, False])
    assert end.verdict(on_aws.told()) == "R"
    on_aws.settle_group(end.group_id)
    ids = [it.booking_id for it in end.members]
    wait_for(
        lambda: on_aws.bookings.get_all(ids),
        lambda seen: all(it.has_ended for it in seen),
        seconds=END_SECONDS,
    )
    on_aws.wait_until_quiet()
    settled = look(cell, end.group_id, "settled by hand", on_aws)
    assert (settled.answer, settled.verdict({})) == ("FAILED", "C")


def test_a_booking_whose_undoing_was_cut_off_is_undone_by_a_later_sweep(on_aws: World) -> None:
    """The first undoing has asked for the money, and then is stopped."""
    name, now = uuid4().hex, utc_now()
    on_aws.flights.add(flight(flight_id=name))
    on_aws.bookings.add(booking(booking_id=name, flight_id=name, pursued_until=now - timedelta(hours=1)))
    on_aws.sweep(now, {"Cancel Booking": STOPPED})
    assert wait_for(lambda: on_aws.has_aborted(COMPENSATE, name), bool, seconds=END_SECONDS)
    cut_off = found(on_aws, name)
    assert (cut_off.status, cut_off.refund_requested) == (BookingStatus.PENDING, True)

    on_aws.sweep(now + timedelta(minutes=34))
    undone = wait_for(
        lambda: found(on_aws, name).status,
        lambda status: status is not BookingStatus.PENDING,
        seconds=END_SECONDS,
    )
    assert undone is BookingStatus.FAILED


def test_a_case_that_no_queue_takes_ends_with_an_error_of_its_own(on_aws: World) -> None:
    _, ended = fail(on_aws, "Refund Payment", "Booking DLQ")
    assert (ended["status"], ended["error"]) == ("FAILED", "BookingLost")
