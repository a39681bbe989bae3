"""What became of a cell: C conserved, R a loss that a person is told of, L a loss that nobody hears of."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

from bookings.domain.bookings import BookingStatus
from tests.fakes.bookings import booking, flight
from tests.matrix.cells import COMPENSATE, PROCESS, Cell
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
        return (self.status, self.seats_held, self.charges_kept) == (BookingStatus.FAILED, 0, 0)

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
    given = wish | {"faults": cell.faults}
    seen = world.execute(PROCESS, frozenset(cell.faults), name, given)
    if cell.machine == COMPENSATE:
        ended = {"status": seen["status"], "executionArn": seen["executionArn"], "input": json.dumps(given)}
        seen = world.execute(COMPENSATE, frozenset(cell.faults), f"{name}-undo", {"detail": ended})
    return name, seen["status"]


def _look(cell: Cell, name: str, execution: str, world: World) -> End:
    stored, flown = world.bookings.get(name), world.flights.get(name)
    assert stored is not None
    assert flown is not None
    held = CAPACITY - flown.seats_available
    return End(cell, name, execution, stored.status, held, world.money.kept(name))
