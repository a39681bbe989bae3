"""Every task failing in every way, times every compensation fine, failing once, and failing for good."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bookings import bootstrap
from bookings.domain.bookings import Booking, BookingStatus
from jetbridge.kernel.ids import stable_id
from tests.fakes.bookings import booking, flight
from tests.integration.choreography.clock import START, WorldTime
from tests.integration.orchestration.faults import ABORTED, CUT_OFF, Fault, FaultyWorld
from tests.integration.orchestration.world import AWAITING, BOOKING, UNDOING
from tests.lambda_events import CUSTOMER
from tests.matrix.cells import AFTER, COMPENSATIONS, UNTRUE, WAYS, Kind, refusals, tasks

SEATS, CAPACITY = 2, 3
SHARE = 13  # of the product in a quick run; prime, so that it falls on any compensation
BROKEN = Fault(Kind.GENERIC, always=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """`fault` at a task, then `undoing` at a compensation of that. No task: a passenger cancels."""

    machine: str = ""
    step: str = ""
    fault: Fault | None = None
    compensation: str = ""
    undoing: Fault | None = None

    @property
    def booking_id(self) -> str:
        return stable_id("cell", str(self))

    @property
    def cancels(self) -> bool:
        return self.fault is None

    @property
    def is_aborted(self) -> bool:
        return self.fault is not None and self.fault.kind in (ABORTED, CUT_OFF)

    @property
    def faults(self) -> dict[tuple[str, str, str], Fault]:
        """What undoes needs something to undo: a paid booking that fails."""
        found = {}
        if self.step in (*COMPENSATIONS, *AFTER):
            found[self.booking_id, BOOKING, "Confirm Booking"] = BROKEN
        if self.fault:
            found[self.booking_id, self.machine, self.step] = self.fault
        if self.undoing:
            where = UNDOING if self.cancels or self.is_aborted else BOOKING
            found[self.booking_id, where, self.compensation] = self.undoing
        return found

    def may_end(self) -> set[str]:
        """Only a compensation that fails for good may lose something, and then a person must hear of it."""
        undoes = self.step in (*COMPENSATIONS, *AFTER) and not self.is_aborted
        failing = [self.undoing, self.fault if undoes else None]
        return {"C", "R"} if any(fault and fault.always for fault in failing) else {"C"}


def first_faults() -> Iterator[Cell]:
    for step, state in tasks("process_booking").items():
        for fault in _ways(step, refusals(state)):
            yield Cell(BOOKING, step, fault)
        for kind in (ABORTED, CUT_OFF):
            yield Cell(BOOKING, step, Fault(kind, always=True))
    for fault in _ways("Ask Supplier", refusals(tasks("await_supplier")["Ask Supplier"])):
        yield Cell(AWAITING, "Ask Supplier", fault)
    yield Cell()


def _ways(step: str, errors: list[str]) -> Iterator[Fault]:
    for always, kind in WAYS:
        names = errors if kind is Kind.NAMED else ["RuntimeError"]
        yield from (Fault(kind, always, name) for name in names if (step, name) not in UNTRUE)


def with_undoings(cell: Cell, world: FaultyWorld) -> Iterator[Cell]:
    """The same once more for each compensation that it came to, failing once and for good."""
    where = UNDOING if cell.cancels or cell.is_aborted else BOOKING
    for compensation in COMPENSATIONS:
        came = (where, compensation) in world.machines.entered[cell.booking_id]
        if came and cell.step != compensation:
            for always in (False, True):
                undoing = Fault(Kind.GENERIC, always)
                yield Cell(cell.machine, cell.step, cell.fault, compensation, undoing)


def begin(cell: Cell, world: FaultyWorld) -> None:
    """A booking of its own on a flight of its own."""
    departs_at = WorldTime.moment + timedelta(days=30)
    made = booking(
        booking_id=cell.booking_id,
        customer_id=CUSTOMER,
        flight_id=cell.booking_id,
        seats=SEATS,
        pickup="test_at_once",
        created_at=max(WorldTime.moment, START),
    )
    bootstrap.flights().add(
        flight(
            flight_id=cell.booking_id,
            departs_at=departs_at,
            seat_capacity=CAPACITY,
            seats_available=CAPACITY,
        )
    )
    bootstrap.bookings().add(made)
    world.machines.faults |= cell.faults
    bootstrap.saga().start(made)


def verdict(cell: Cell, world: FaultyWorld) -> str:
    """C conserved, R a loss that a person is told of, L X undone twice or for nothing."""
    stored = bootstrap.bookings().get(cell.booking_id)
    flown = bootstrap.flights().get(cell.booking_id)
    assert stored is not None
    assert flown is not None
    kept = (
        CAPACITY - flown.seats_available,
        world.bank.balance().get(cell.booking_id, 0),
        world.partner.kept(cell.booking_id),
    )
    undone = BookingStatus.CANCELLED if cell.cancels else BookingStatus.FAILED
    conserved = (
        kept == (SEATS, stored.total.minor, 1)
        if stored.stands
        else (stored.status, kept) == (undone, (0, 0, 0))
    )
    if conserved and not stored.unsettled:
        return "C" if _done(stored, world) == _due(stored, cell, world) else "X"
    letters = [letter["MessageBody"]["missing"] for letter in world.letters if _is_about(letter, cell)]
    seats, money, transfers = kept
    left = {
        "Refund Payment": money,
        "Cancel Booking": stored.status is not undone,
        "Cancel Transfer": transfers,
        "Release Flight": seats,
    }
    lacking = {name for name, amount in left.items() if amount} | {it.compensation for it in stored.unsettled}
    return "R" if any(missing and lacking <= set(missing) for missing in letters) else "L"


def _is_about(letter: dict[str, object], cell: Cell) -> bool:
    body = letter["MessageBody"]
    return isinstance(body, dict) and body.get("booking", {}).get("booking_id") == cell.booking_id


def _done(stored: Booking, world: FaultyWorld) -> dict[str, int]:
    steps = Counter(step.name for step in stored.steps if step.outcome not in ("refunded", "voided"))
    return {
        "Refund Payment": steps["Refund Payment"],
        "Cancel Booking": steps["Cancel Booking"],
        "Cancel Transfer": world.partner.cancelled[stored.booking_id],
    }


def _due(stored: Booking, cell: Cell, world: FaultyWorld) -> dict[str, int]:
    """Once where the step may have had an effect. The second machine cannot know, and does all of it once."""
    undone = not stored.stands
    came = world.machines.entered[cell.booking_id]
    steps, unknown = {step for _, step in came}, any(machine == UNDOING for machine, _ in came)
    paid = "Collect Payment" in steps and stored.reason != "payment_declined"
    return {
        "Refund Payment": int(undone and (paid or unknown)),
        "Cancel Booking": int(undone),
        "Cancel Transfer": int(undone and ("Reserve Transfer" in steps or unknown)),
    }
