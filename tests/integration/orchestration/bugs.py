"""Bugs to plant: each a mistake that public sagas really have. They live here, never in the product."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bookings.adapters.step_functions import StepFunctionsUndoing
from bookings.domain import waiting
from bookings.domain.bookings import Booking
from bookings.handlers import booking_changes
from tests.integration.orchestration import language, world

type Plant = Callable[[pytest.MonkeyPatch], None]


def changed(patch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None]) -> None:
    """The states of every machine that books or undoes, each as `change` leaves it."""
    original = language.definition

    def defined(machine: str) -> dict[str, Any]:
        made = original(machine)
        change(made["States"])
        return made

    patch.setattr(world, "definition", defined)


def seats_taken_at_each_attempt(patch: pytest.MonkeyPatch) -> None:
    """Reserve Flight does not know what it has taken before."""

    def forget(states: dict[str, Any]) -> None:
        if reserve := states.get("Reserve Flight"):
            reserve["Arguments"]["UpdateExpression"] = (
                "SET seats_available = seats_available - :seats, holders.#booking = :held"
            )
            condition = reserve["Arguments"]["ConditionExpression"]
            reserve["Arguments"]["ConditionExpression"] = condition.replace(
                "attribute_not_exists(holders.#booking) AND ", ""
            )

    changed(patch, forget)


def late_attempts_are_not_refused(patch: pytest.MonkeyPatch) -> None:
    """Release Flight takes the entry away, and with it the mark that refuses an attempt that comes late."""

    def forget(states: dict[str, Any]) -> None:
        for state in (it for name, it in states.items() if name != "Release Flight"):
            for step in (state, *state.get("Catch", [])):
                if "settled" in step.get("Assign", {}):
                    step["Assign"]["settled"] = True

    changed(patch, forget)


def aborted_executions_are_not_heard_of(patch: pytest.MonkeyPatch) -> None:
    """The rule knows executions that failed or took too long only."""
    known = [{"status": ["TIMED_OUT"]}, {"status": ["FAILED"], "error": [{"prefix": "States."}]}]
    patch.setattr(world, "ENDINGS", dict.fromkeys(world.ENDINGS, known))


def each_change_asks_for_the_refund(patch: pytest.MonkeyPatch) -> None:
    """A booking that is given back says so at each of its changes, under a new id each time."""
    data = booking_changes._data

    def again(before: Booking, booking: Booking) -> Any:
        return data(replace(before, refund_requested=False), booking)

    patch.setattr(booking_changes, "_data", again)


def seats_sold_without_a_look(patch: pytest.MonkeyPatch) -> None:
    """Reserve Flight takes seats that nobody counted before."""

    def blind(states: dict[str, Any]) -> None:
        if reserve := states.get("Reserve Flight"):
            condition = reserve["Arguments"]["ConditionExpression"]
            reserve["Arguments"]["ConditionExpression"] = condition.replace(
                " AND seats_available >= :seats", ""
            )

    changed(patch, blind)


def marks_are_forgotten_without_a_trace(patch: pytest.MonkeyPatch) -> None:
    """Reserve Flight does not ask what was forgotten."""

    def blind(states: dict[str, Any]) -> None:
        if reserve := states.get("Reserve Flight"):
            condition = reserve["Arguments"]["ConditionExpression"]
            reserve["Arguments"]["ConditionExpression"] = condition.replace(
                "forgotten_before < :begun", ":begun = :begun"
            ).replace("attribute_not_exists(forgotten_before)", "seats_available >= :seats")

    changed(patch, blind)


def undoings_have_one_name(patch: pytest.MonkeyPatch) -> None:
    """The sweep's undoings of a booking are named alike: after one that was cut off there is no other."""
    start = StepFunctionsUndoing.start

    def again(self: StepFunctionsUndoing, booking: Booking, *, name: str) -> None:
        start(self, booking, name="pending" if name.startswith("pending-") else name)

    patch.setattr(StepFunctionsUndoing, "start", again)


def only_pending_bookings_are_swept(patch: pytest.MonkeyPatch) -> None:
    """A booking that has failed, or was cancelled, is taken to have given everything back."""
    patch.setattr(waiting, "is_being_undone", lambda _: False)


# With what the books say of each, and what makes it likely.
BUGS: dict[Plant, tuple[str, str]] = {
    seats_taken_at_each_attempt: ("seats|oversold", "late"),
    late_attempts_are_not_refused: ("nobody is told", "late"),
    aborted_executions_are_not_heard_of: ("without an end", "abort"),
    each_change_asks_for_the_refund: ("given back twice", "cancel"),
    seats_sold_without_a_look: ("oversold", "late"),
    marks_are_forgotten_without_a_trace: ("nobody is told", "late"),
}
# What an undoing that is cut off again and again shows.
BUGS_OF_THE_SWEEP: list[Plant] = [undoings_have_one_name, only_pending_bookings_are_swept]
