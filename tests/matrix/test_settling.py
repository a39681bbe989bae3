"""A compensation that failed for good: the booking says so until an operator has had it done."""

from typing import Any
from uuid import uuid4

import pytest

from bookings.domain.bookings import BookingStatus
from tests.fakes.bookings import booking, flight
from tests.matrix.cells import COMPENSATE, PROCESS
from tests.matrix.partner import AT_ONCE
from tests.matrix.world import World

pytestmark = pytest.mark.e2e

BROKEN = {"kind": "generic", "always": True, "error": "RuntimeError"}


def fail(world: World, *steps: str) -> tuple[dict[str, Any], Any]:
    """A booking that cannot be confirmed, in whose saga these steps fail too: its wish, and how it ended."""
    name = uuid4().hex
    world.flights.add(flight(flight_id=name, seat_capacity=3, seats_available=3))
    world.bookings.add(booking(booking_id=name, flight_id=name, seats=1, pickup=AT_ONCE))
    wish = {"booking_id": name, "flight_id": name, "seats": 1, "correlation_id": name, "transfer": True}
    faults = dict.fromkeys(("Confirm Booking", *steps), BROKEN)
    return wish, world.execute(PROCESS, frozenset(faults), name, wish | {"faults": faults})


def test_an_operator_has_what_is_missing_done_and_the_booking_says_so(on_aws: World) -> None:
    wish, _ = fail(on_aws, "Refund Payment", "Cancel Transfer")
    name = wish["booking_id"]
    before = on_aws.bookings.get(name)
    assert before is not None
    assert [(it.compensation, it.error) for it in before.unsettled] == [
        ("Refund Payment", "RuntimeError"),
        ("Cancel Transfer", "RuntimeError"),
    ]
    assert (on_aws.money.kept(name), on_aws.partner.kept(name)) == (1, 1)

    asked = wish | {"faults": {}, "notice": "BookingFailed", "reason": "fault"}
    assert on_aws.execute(COMPENSATE, frozenset(), f"{name}-again", asked)["status"] == "SUCCEEDED"
    on_aws.wait_until_quiet()
    after = on_aws.bookings.get(name)
    assert after is not None
    assert (after.status, after.unsettled) == (BookingStatus.FAILED, ())
    assert (on_aws.money.kept(name), on_aws.partner.kept(name)) == (0, 0)


def test_a_case_that_no_queue_takes_ends_with_an_error_of_its_own(on_aws: World) -> None:
    _, ended = fail(on_aws, "Refund Payment", "Booking DLQ")
    assert (ended["status"], ended["error"]) == ("FAILED", "BookingLost")
