"""What became of a cell: C conserved, R a loss that a person is told of, L a loss that nobody hears of."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

from bookings.domain.bookings import Booking, BookingStatus, Step
from bookings.use_cases.saga import Cause, change
from jetbridge.kernel.clock import utc_now
from tests.fakes.bookings import booking, flight
from tests.matrix.cells import ABORTED, CANCELLED, COMPENSATE, PROCESS, Cell
from tests.matrix.world import World

SEATS, CAPACITY = 2, 3


@dataclass(frozen=True, slots=True)
class End:
    """How it ended: as the booking says, and as the flight and the card processor say."""

    cell: Cell
    booking_id: str
    execution: str
    status: BookingStatus
    seats_held: int
    charges_kept: int

    @property
    def conserved(self) -> bool:
        """Everything taken and the booking confirmed, or nothing kept and it is not."""
        if self.status is BookingStatus.CONFIRMED:
            return (self.seats_held, self.charges_kept) == (SEATS, 1)
        undone = BookingStatus.CANCELLED if self.cell.saga == CANCELLED else BookingStatus.FAILED
        return (self.status, self.seats_held, self.charges_kept) == (undone, 0, 0)

    def verdict(self, told: dict[str, object]) -> str:
        if self.conserved:
            return "C"
        return "R" if told.get(self.booking_id) else "L"


def run(cells: Iterable[Cell], world: World, workers: int) -> list[End]:
    """Play the cells, let everything that is on its way arrive, and only then look."""
    with ThreadPoolExecutor(workers) as pool:
        played = list(pool.map(lambda cell: (cell, *_play(cell, world)), cells))
    world.wait_until_quiet()
    return [_look(cell, name, execution, world) for cell, name, execution in played]


def _play(cell: Cell, world: World) -> tuple[str, str]:
    """The booking's id, and how its last execution ended."""
    name = uuid4().hex
    world.flights.add(flight(flight_id=name, seat_capacity=CAPACITY, seats_available=CAPACITY))
    world.bookings.add(booking(booking_id=name, flight_id=name, seats=SEATS))
    wish = {"booking_id": name, "flight_id": name, "seats": SEATS, "correlation_id": name}
    broken, given = frozenset(cell.faults), wish | {"faults": cell.faults}
    if cell.saga == CANCELLED:
        world.execute(PROCESS, frozenset(), name, wish | {"faults": {}})
        _ask_cancellation(name, world)
        asked = {"notice": "BookingCancelled", "reason": "cancelled"}
        return name, world.execute(COMPENSATE, broken, f"{name}-cancellation", given | asked)["status"]
    seen = world.execute(PROCESS, broken, name, given)
    if cell.saga == ABORTED:
        ended = {"status": seen["status"], "executionArn": seen["executionArn"], "input": json.dumps(given)}
        seen = world.execute(COMPENSATE, broken, f"{name}-undo", {"detail": ended})
    return name, seen["status"]


def _ask_cancellation(name: str, world: World) -> None:
    def ask(confirmed: Booking) -> Booking:
        step = Step("Ask Cancellation", "all of it", utc_now(), "matrix")
        return confirmed.ask_cancellation(confirmed.total, step)

    change(Cause(name, "matrix"), ask, bookings=world.bookings)


def _look(cell: Cell, name: str, execution: str, world: World) -> End:
    stored, flown = world.bookings.get(name), world.flights.get(name)
    assert stored is not None
    assert flown is not None
    held = CAPACITY - flown.seats_available
    return End(cell, name, execution, stored.status, held, world.money.kept(name))
