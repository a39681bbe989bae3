"""Everything that may happen to bookings, in any order, and the dust settling afterwards."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bookings.domain.waiting import UNDOING_TIME
from tests.integration.choreography.bank import DECLINED
from tests.integration.choreography.clock import WorldTime
from tests.integration.choreography.machine import Step, often
from tests.integration.choreography.mishaps import crash
from tests.integration.orchestration.books import audit, audit_seats, held
from tests.integration.orchestration.executions import Execution
from tests.integration.orchestration.world import STREAMS, UNDOING, Asked, World

FLIGHTS = ("far", "near", "soon")
ROUNDS = 400  # of settling; far more than any booking needs
A_WHILE = timedelta(minutes=10)


# How often each happens; most of the time executions go on, changes are told and messages delivered.
WHAT = {
    "go on": 30,
    "tell all": 8,
    "deliver": 10,
    "book": 6,
    "book a group": 4,
    "cancel": 4,
    "undo": 4,
    "abort": 2,
    "hear of ends": 3,
    "hear of ends again": 1,
    "break": 4,
    "late": 2,
    "late comes": 1,
    "tell again": 2,
    "deliver twice": 2,
    "deliver and keep": 2,
    "ask again": 1,
    "sweep": 1,
    "provider is down": 1,
    "answer is lost": 1,
    "an hour's quarter": 2,
}
DUE = (1, 1, 1, 2, 2, 3, 4)
MISHAPS = {"none": 4, "crash": 1, "meanwhile": 2}

steps = st.builds(Step, often(WHAT), st.integers(0, 99), often(MISHAPS), st.sampled_from(DUE))


class Orchestration(RuleBasedStateMachine):
    """Made anew for each run; `monkeypatch` is the test's. Each third step is the `favoured` one, if any."""

    monkeypatch: pytest.MonkeyPatch
    favoured: str | None = None
    world_of: type[World] = World

    def __init__(self) -> None:
        super().__init__()
        self.world = self.world_of(self.monkeypatch)
        self.asked: list[Asked] = []

    @rule(step=steps)
    def happen(self, step: Step) -> None:
        if self.favoured and step.pick % 3 == 0:
            step = replace(step, what=self.favoured, pick=step.pick // 3)
        mishap = {"crash": crash, "meanwhile": lambda: self._meanwhile(step.pick)}.get(step.mishap)
        self.world.attempt(lambda: self._do(step), step.due, mishap)
        self.world.machines.time_out()

    @invariant()
    def no_seat_is_lost_or_made(self) -> None:
        audit_seats(self.world)

    def teardown(self) -> None:
        self._settle()
        audit(self.world)

    def _meanwhile(self, pick: int) -> None:
        """Between two steps of one process another one acts."""
        others = (self._go_on, self._cancel, self._deliver, self._abort, self._undo)
        others[pick % len(others)](pick // len(others))

    def _do(self, step: Step) -> None:
        world, machines = self.world, self.world.machines
        match step.what:
            case "go on":
                self._go_on(step.pick)
            case "break" | "late":
                trouble = "broken" if step.what == "break" else "late"
                for execution in self._pick(machines.running, step.pick):
                    execution.trouble = trouble
                    if execution.is_ready:
                        machines.advance(execution)
            case "late comes" if machines.late:
                self._let_come_late(step.pick)
            case "abort":
                self._abort(step.pick)
            case "hear of ends" | "hear of ends again":
                for ended in list(machines.ended):
                    world.hear_end(ended, forget=step.what == "hear of ends")
            case _:
                self._carry(step)

    def _carry(self, step: Step) -> None:
        """What carries events and messages, and the clock; what is left is people's doing."""
        world = self.world
        match step.what:
            case "tell all" | "tell again":
                for table in STREAMS:
                    world.tell(table, back=3 if step.what == "tell again" else 0)
            case "deliver" | "deliver twice" | "deliver and keep":
                copies = 2 if step.what == "deliver twice" else 1
                self._deliver(step.pick, copies, forget=step.what != "deliver and keep")
            case "sweep":
                world.sweep()
            case "provider is down" | "answer is lost":
                world.bank.trouble = ["down" if step.what == "provider is down" else "lost"]
            case "an hour's quarter":
                WorldTime.advance(timedelta(minutes=16))
                world.queues.show_all()
            case _:
                self._ask(step)

    def _ask(self, step: Step) -> None:
        """What people do."""
        match step.what:
            case "book" | "book a group":
                self.world.ask(self._wish(step.pick, in_group=step.what == "book a group"))
            case "ask again" if self.asked:
                self.world.ask(self.asked[step.pick % len(self.asked)])
            case "cancel":
                self._cancel(step.pick)
            case "undo":
                self._undo(step.pick)

    def _wish(self, pick: int, *, in_group: bool) -> Asked:
        entries = [
            {
                "flightId": FLIGHTS[(pick + place) % 3],
                "seats": 1 + (pick + place) % 2,
                "paymentMethod": DECLINED if (pick + place) % 7 == 0 else "pm_card_visa",
            }
            for place in range(2 + pick % 2)
        ]
        key = f"key-{len(self.asked)}"
        group = Asked(key, "/bookings/groups", {"entries": entries, "allOrNothing": pick % 4 != 0})
        self.asked.append(group if in_group else Asked(key, "/bookings", entries[0]))
        return self.asked[-1]

    @staticmethod
    def _pick[Thing](things: list[Thing], pick: int) -> list[Thing]:
        return [things[pick % len(things)]] if things else []

    def _go_on(self, pick: int) -> None:
        ready = [each for each in self.world.machines.running if each.is_ready]
        for execution in self._pick(ready, pick):
            self.world.machines.advance(execution)

    def _abort(self, pick: int) -> None:
        whole = [each for each in self.world.machines.running if each.given is not None]
        for execution in self._pick(whole, pick):
            self.world.machines.stop(execution)

    def _let_come_late(self, pick: int) -> None:
        """Nobody hears any more what becomes of it."""
        late = self.world.machines.late.pop(pick % len(self.world.machines.late))
        with suppress(Exception):  # a refusal, for instance, since it is too late
            late()

    def _cancel(self, pick: int) -> None:
        """A confirmed booking, most likely."""
        confirmed = [it for it in self.world.items("BookingsTable") if it["status"] == "CONFIRMED"]
        for booking in self._pick(confirmed, pick):
            self.world.cancel(booking["booking_id"])

    def _undo(self, pick: int) -> None:
        for booking in self._pick(self.world.items("BookingsTable"), pick):
            self.world.undo(booking["booking_id"])

    def _deliver(self, pick: int, copies: int = 1, *, forget: bool = True) -> None:
        for message in self._pick(self.world.queues.receivable(), pick):
            self.world.deliver(message, copies, forget=forget)

    def _settle(self) -> None:
        """No more mishaps: everybody is answered, everything comes to its end, then what is late comes.

        Before that somebody books each flight, which forgets who has given it back.
        """
        world = self.world
        world.bank.trouble = []
        WorldTime.advance(timedelta(minutes=1))
        for asked in self.asked:
            world.attempt(lambda asked=asked: world.ask(asked))  # type: ignore[misc]
            assert world.answers[asked.key][-1][0] == 202, "every customer is answered"
        self.calm()
        for pick in range(len(FLIGHTS)):
            world.ask(self._wish(pick, in_group=False))
        while world.machines.late:
            self._let_come_late(-1)
        self.calm()
        WorldTime.advance(UNDOING_TIME)
        self.calm()
        self._expect_that_nobody_waits()
        self._do_by_hand()
        self.calm()

    def _expect_that_nobody_waits(self) -> None:
        """For a person: unless a group was not settled, the sweep ends what never began or was cut off."""
        groups = {letter["MessageBody"].get("group", {}).get("group_id") for letter in self.world.letters}
        waiting = [it for it in self.world.items("BookingsTable") if "waiting_in" in it]
        left = [it["booking_id"] for it in waiting if it.get("group_id") not in groups - {None}]
        assert left == [], "waiting without an end"
        standing = {it["booking_id"] for it in self.world.items("BookingsTable") if not _gave_back(it)}
        for flight in self.world.items("FlightsTable"):
            assert held(flight).keys() <= standing, "seats kept by nobody, and nobody is told"

    def _do_by_hand(self) -> None:
        """What alarms and letters ask a person to do, as the runbook says."""
        world, lost = self.world, {"FAILED", "ABORTED", "TIMED_OUT"}
        bookings = {letter["MessageBody"].get("booking", {}).get("booking_id") for letter in world.letters}
        for (machine, _), execution in list(world.machines.all.items()):
            if machine == UNDOING and execution.status in lost:
                bookings.add(_booking_of(execution))
        for booking_id in sorted(bookings - {None}):
            world.attempt(lambda booking_id=booking_id: world.undo(booking_id))  # type: ignore[misc]
        for letter in world.letters:
            if "group" in letter["MessageBody"]:
                world.settle_group(letter["MessageBody"]["group"]["group_id"])

    def calm(self) -> None:
        """Tell, deliver and go on until nothing moves any more."""
        world, machines = self.world, self.world.machines
        for _ in range(ROUNDS):
            self._deliver_all()
            for ended in list(machines.ended):
                world.attempt(lambda ended=ended: world.hear_end(ended))  # type: ignore[misc]
            ready = [each for each in machines.running if each.is_ready]
            for execution in ready:
                if execution.is_ready:
                    machines.advance(execution)
            if ready or world.queues.waiting:
                continue
            WorldTime.advance(A_WHILE)
            machines.time_out()
            world.attempt(world.sweep)
            if not (machines.running or machines.ended):
                self._deliver_all()
                return
        left = [(each.machine, each.at) for each in machines.running]
        raise AssertionError(f"without an end: {left} {[it.queue for it in world.queues.waiting]}")

    def _deliver_all(self) -> None:
        world = self.world
        world.queues.show_all()
        while any([world.tell(table) for table in STREAMS]):
            pass
        for message in reversed(world.queues.receivable()):  # the newest first: the bus keeps no order
            world.attempt(lambda message=message: world.deliver(message))  # type: ignore[misc]


def _gave_back(booking: dict[str, Any]) -> bool:
    """It holds no seats, and no letter says that it may."""
    return booking["status"] in ("FAILED", "CANCELLED") and not booking.get("unsettled")


def _booking_of(execution: Execution) -> str:
    """Whose undoing it was."""
    given = execution.given
    if "detail" not in given:
        return str(given["booking_id"])
    return str(given["detail"]["name"])
