"""The machine of a group at its largest: its history, time and state stay within the limits of AWS."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bookings.adapters.step_functions import group_input
from bookings.domain.groups import MAX_ENTRIES, Entry, Group
from bookings.handlers.put_flight import FlightId
from checks.templates import ROOT, service, target_of
from jetbridge.kernel.ids import stable_id

MACHINE: dict[str, Any] = json.loads((ROOT / "statemachines" / "process_group.asl.json").read_text())
MAP = MACHINE["States"]["Book Entries"]
ENTRY = MAP["ItemProcessor"]["States"]
MOST_EVENTS, MOST_BYTES = 25_000, 262_144
# Of one attempt at a task: scheduled, started, submitted, and how it ended.
EVENTS_OF_ATTEMPT = 4
# A state is entered and left; an iteration begins and ends.
EVENTS_AROUND = 2


def attempts(state: dict[str, Any]) -> int:
    return 1 + sum(int(retrier.get("MaxAttempts", 3)) for retrier in state.get("Retry", []))


def events_of(state: dict[str, Any], entries: int) -> int:
    """The most events that a state can write; a map's iterations go through all of their states."""
    if state["Type"] == "Task":
        return EVENTS_AROUND + EVENTS_OF_ATTEMPT * attempts(state)
    if state["Type"] != "Map":
        return EVENTS_AROUND
    inner = state["ItemProcessor"]["States"].values()
    one = EVENTS_AROUND + sum(events_of(each, entries) for each in inner)
    return 2 * EVENTS_AROUND + entries * one  # the map is also started and succeeded


def seconds_of(state: dict[str, Any], *, again: bool = True) -> int:
    """Until a task has failed for good. With `again` False only one attempt took its whole time."""
    retrier = state["Retry"][-1]
    delays = [retrier["IntervalSeconds"] * retrier["BackoffRate"] ** n for n in range(retrier["MaxAttempts"])]
    waits = sum(min(delay, retrier["MaxDelaySeconds"]) for delay in delays)
    return int(state["TimeoutSeconds"] * (len(delays) + 1 if again else 1) + waits)


def waits_of(state: dict[str, Any]) -> int:
    return seconds_of(state, again=False) - int(state["TimeoutSeconds"])


def test_the_history_of_the_largest_group_is_far_from_its_limit() -> None:
    events = EVENTS_AROUND + sum(events_of(state, MAX_ENTRIES) for state in MACHINE["States"].values())
    said = int(MACHINE["Comment"].partition("At most ")[2].partition(" ")[0])
    assert events <= said < MOST_EVENTS / 2
    assert said - events < 1000


def test_a_group_at_its_slowest_ends_before_its_timeout() -> None:
    """A start that is tried again was refused at once; one that took its time is not repeated."""
    fewest = service("bookings").body["Parameters"]["GroupConcurrency"]["MinValue"]
    rounds = -(-MAX_ENTRIES // fewest)
    start, wait = ENTRY["Process Booking"], ENTRY["Await Booking"]
    assert "States.Timeout" in start["Retry"][0]["ErrorEquals"]
    assert start["Retry"][0]["MaxAttempts"] == 0
    one = f"{seconds_of(start, again=False)} + {seconds_of(wait)}"
    after = sum(
        seconds_of(MACHINE["States"][name]) for name in ("Settle Group", "Booking DLQ", "Settle Group Again")
    )
    total = rounds * (seconds_of(start, again=False) + seconds_of(wait)) + after
    assert f"{rounds} x ({one}) + {after} = {total} s of {MACHINE['TimeoutSeconds']} s" in MACHINE["Comment"]
    assert total < MACHINE["TimeoutSeconds"]


def test_a_booking_is_waited_for_as_long_as_it_may_take() -> None:
    def timeout(name: str) -> int:
        machine = json.loads((ROOT / "statemachines" / f"{name}.asl.json").read_text())
        return int(machine["TimeoutSeconds"])

    assert ENTRY["Process Booking"]["TimeoutSeconds"] > timeout("process_booking")
    assert waits_of(ENTRY["Await Booking"]) >= timeout("process_booking") + timeout("compensate_booking")
    assert "JitterStrategy" not in ENTRY["Await Booking"]["Retry"][-1], "it would halve the time"


def test_the_input_of_the_largest_group_is_a_fraction_of_the_state_limit_and_no_state_adds_to_it() -> None:
    longest = TypeAdapter(FlightId)  # that an operator can put
    longest.validate_python("X" * 64)
    with pytest.raises(ValidationError):
        longest.validate_python("X" * 65)
    ids = [stable_id("group", str(place)) for place in range(MAX_ENTRIES)]
    entries = tuple(Entry(each, "X" * 64, 9, "pm") for each in ids)
    group = Group(ids[0], ids[0], True, entries, "c" * 255, datetime(2026, 11, 21, tzinfo=UTC))
    assert len(json.dumps(group_input(group))) < MOST_BYTES / 10
    outputs = [state.get("Output") for state in ENTRY.values() if state["Type"] == "Task"]
    assert outputs == ["{% $states.input %}", {}]
    catches = [catch["Output"] for state in ENTRY.values() for catch in state.get("Catch", [])]
    assert catches == ["{% $states.input %}", {}]
    assert MAP["Output"] == "{% $states.input %}"


def test_entries_are_started_by_the_alias_under_the_name_of_their_booking() -> None:
    given = service("bookings").resources("Serverless::StateMachine")["ProcessGroup"]
    assert target_of(given["DefinitionSubstitutions"]["ProcessBookingAliasArn"]) == "ProcessBookingAliaslive"
    arguments = ENTRY["Process Booking"]["Arguments"]
    assert arguments["StateMachineArn"] == "${ProcessBookingAliasArn}"
    assert arguments["Name"] == "{% $states.input.booking_id %}"
