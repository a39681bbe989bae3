"""What became of a cell: C conserved, R a loss that a person is told of, L a loss that nobody hears of.

X: conserved, but a compensation had its effect twice, or where there was nothing to undo.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from bookings.domain.bookings import Booking, BookingStatus, Step
from bookings.use_cases.saga import Cause, change
from jetbridge.kernel.clock import utc_now
from tests.fakes.bookings import booking, flight
from tests.matrix.cells import ABORTED, CANCELLED, COMPENSATE, PROCESS, Cell
from tests.matrix.partner import AT_ONCE
from tests.matrix.world import World

SEATS, CAPACITY = 2, 3


@dataclass(frozen=True, slots=True)
class End:
    """How it ended: as the booking says, and as the flight, the card processor and the partner say.

    `done` is how often each compensation had its effect, `due` how often it had to.
    """

    cell: Cell
    booking_id: str
    execution: str
    status: BookingStatus
    seats_held: int
    charges_kept: int
    transfers_kept: int
    unsettled: frozenset[str]
    done: dict[str, int]
    due: dict[str, int]

    @property
    def conserved(self) -> bool:
        """Everything taken and the booking confirmed, or nothing kept and it is not."""
        kept = (self.seats_held, self.charges_kept, self.transfers_kept)
        if self.status is BookingStatus.CONFIRMED:
            return kept == (SEATS, 1, 1)
        undone = BookingStatus.CANCELLED if self.cell.saga == CANCELLED else BookingStatus.FAILED
        return (self.status, kept) == (undone, (0, 0, 0))

    def verdict(self, told: dict[str, dict[str, object]]) -> str:
        if self.conserved:
            return "C" if self.done == self.due else "X"
        kept = {
            "Release Flight": self.seats_held,
            "Refund Payment": self.charges_kept,
            "Cancel Transfer": self.transfers_kept,
        }
        lacking = {compensation for compensation, units in kept.items() if units}
        missing = frozenset(told.get(self.booking_id, ()))
        return "R" if missing and lacking <= missing == self.unsettled else "L"


def play(cell: Cell, world: World) -> Callable[[], End]:
    """Run the saga to its end; what comes back then looks at it."""
    return partial(_look, cell, *_run(cell, world), world)


def _run(cell: Cell, world: World) -> tuple[str, str, frozenset[str]]:
    """The booking's id, how its last execution ended, and the states that its saga came to."""
    name = uuid4().hex
    world.flights.add(flight(flight_id=name, seat_capacity=CAPACITY, seats_available=CAPACITY))
    world.bookings.add(booking(booking_id=name, flight_id=name, seats=SEATS, pickup=AT_ONCE))
    wish = {
        "booking_id": name,
        "flight_id": name,
        "seats": SEATS,
        "correlation_id": name,
        "transfer": True,
    }
    broken, given = frozenset(cell.faults), wish | {"faults": cell.faults}
    if cell.saga == CANCELLED:
        made = world.execute(PROCESS, frozenset(), name, wish | {"faults": {}})
        _ask_cancellation(name, world)
        asked = {"notice": "BookingCancelled", "reason": "cancelled"}
        seen = world.execute(COMPENSATE, broken, f"{name}-cancellation", given | asked)
        return name, seen["status"], world.entered(made["executionArn"])
    seen = made = world.execute(PROCESS, broken, name, given)
    if cell.saga == ABORTED:
        ended = {"status": seen["status"], "executionArn": seen["executionArn"], "input": json.dumps(given)}
        seen = world.execute(COMPENSATE, broken, f"{name}-undo", {"detail": ended})
    return name, seen["status"], world.entered(made["executionArn"])


def _ask_cancellation(name: str, world: World) -> None:
    def ask(confirmed: Booking) -> Booking:
        step = Step("Ask Cancellation", "all of it", utc_now(), "matrix")
        return confirmed.ask_cancellation(confirmed.total, step)

    change(Cause(name, "matrix"), ask, bookings=world.bookings)


def _look(cell: Cell, name: str, execution: str, entered: frozenset[str], world: World) -> End:
    stored = world.bookings.get(name)
    assert stored is not None
    return End(
        cell=cell,
        booking_id=name,
        execution=execution,
        status=stored.status,
        seats_held=world.seats_held(name),
        charges_kept=world.money.kept(name),
        transfers_kept=world.partner.kept(name),
        unsettled=frozenset(it.compensation for it in stored.unsettled),
        done=_done(stored, world),
        due=_due(stored, entered),
    )


def _done(stored: Booking, world: World) -> dict[str, int]:
    steps = [(step.name, step.outcome) for step in stored.steps]
    return {
        "Refund Payment": steps.count(("Refund Payment", "asked")),
        "Cancel Booking": sum(name == "Cancel Booking" for name, _ in steps),
        "Cancel Transfer": world.partner.cancellations(stored.booking_id),
    }


def _due(stored: Booking, entered: frozenset[str]) -> dict[str, int]:
    """Once where the step may have had an effect. A declined card has none."""
    undone = stored.status is not BookingStatus.CONFIRMED
    paid = "Collect Payment" in entered and stored.reason != "payment_declined"
    return {
        "Refund Payment": int(undone and paid),
        "Cancel Booking": int(undone),
        "Cancel Transfer": int(undone and "Reserve Transfer" in entered),
    }
