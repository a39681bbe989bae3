"""The rules for the states of one machine: fields, ways, and what a task must be prepared for."""

from collections.abc import Iterator
from typing import Any

type State = dict[str, Any]
type States = dict[str, State]

_ALL = "States.ALL"
_ALWAYS = {"Type", "Comment"}
_GOES_ON = {"Next", "End", "Output", "Assign"}
_FAILS = {"Retry", "Catch"}

# Per type: the fields that it must have, and those that it may have besides. JSONata only.
_FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "Task": (
        {"Resource"},
        _GOES_ON | _FAILS | {"Arguments", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"},
    ),
    "Parallel": ({"Branches"}, _GOES_ON | _FAILS | {"Arguments"}),
    "Map": (
        {"ItemProcessor"},
        _GOES_ON
        | _FAILS
        | {"Items", "ItemSelector", "MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"},
    ),
    "Pass": (set(), _GOES_ON),
    "Wait": (set(), _GOES_ON | {"Seconds", "Timestamp"}),
    "Choice": ({"Choices", "Default"}, {"Output", "Assign"}),
    "Succeed": (set(), {"Output"}),
    "Fail": ({"Error", "Cause"}, set()),
}
_MACHINE = {"StartAt", "States", "QueryLanguage", "TimeoutSeconds"}


def faults_of_machine(machine: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a machine and the machines inside it, as `state: fault`."""
    yield from (f"{name} is missing" for name in sorted(_MACHINE - machine.keys()))
    yield from (f"unknown field {name}" for name in sorted(machine.keys() - _MACHINE - {"Comment"}))
    if machine.get("QueryLanguage") != "JSONata":
        yield "QueryLanguage must be JSONata, as in every machine"
    yield from _faults_of_states(machine)


def _faults_of_states(machine: dict[str, Any]) -> Iterator[str]:
    states: States = machine.get("States", {})
    start = machine.get("StartAt", "")
    if start not in states:
        yield f"StartAt: there is no state {start!r}"
    for name, state in states.items():
        for fault in (
            *_faults_of_fields(state),
            *_faults_of_ways(state, states),
            *_faults_of_handling(state),
        ):
            yield f"{name}: {fault}"
        for inner in (
            *state.get("Branches", []),
            *([state["ItemProcessor"]] if "ItemProcessor" in state else []),
        ):
            yield from (f"{name}: {fault}" for fault in _faults_of_states(inner))
    reached = _closure({start} & states.keys(), {name: _targets(state) for name, state in states.items()})
    yield from (f"{name}: cannot be reached" for name in states if name not in reached)
    yield from (f"{name}: leads to no end" for name in states if name not in _ending(states))


def _faults_of_fields(state: State) -> Iterator[str]:
    kind = state.get("Type", "")
    if kind not in _FIELDS:
        yield f"unknown type {kind!r}"
        return
    required, allowed = _FIELDS[kind]
    yield from (f"{field} is missing" for field in sorted(required - state.keys()))
    yield from (f"unknown field {field}" for field in sorted(state.keys() - required - allowed - _ALWAYS))
    if kind == "Wait" and len({"Seconds", "Timestamp"} & state.keys()) != 1:
        yield "needs Seconds or Timestamp"


def _faults_of_ways(state: State, states: States) -> Iterator[str]:
    yield from (f"there is no state {target!r}" for target in _targets(state) if target not in states)
    ways = {"Next", "End"} & state.keys()
    if "Next" in _allowed(state) and len(ways) != 1:
        yield "needs Next or End: true" if not ways else "has both Next and End"
    if "End" in state and state["End"] is not True:
        yield "End must be true"
    for choice in state.get("Choices", []):
        if not {"Condition", "Next"} <= choice.keys():
            yield "a choice needs Condition and Next"


def _faults_of_handling(state: State) -> Iterator[str]:
    """Every task ends in time, repeats what may pass, and goes somewhere whatever happens."""
    for field in ("Retry", "Catch"):
        yield from _faults_of_order(field, [each.get("ErrorEquals", []) for each in state.get(field, [])])
    yield from (f"Catch: {each} needs Next" for each in state.get("Catch", []) if "Next" not in each)
    if state.get("Type") != "Task":
        return
    if not {"TimeoutSeconds", "HeartbeatSeconds"} & state.keys():
        yield "a task needs TimeoutSeconds"
    if not any(each.get("MaxAttempts", 3) for each in state.get("Retry", [])):
        yield "a task needs Retry"
    if not any(_ALL in each.get("ErrorEquals", []) for each in state.get("Catch", [])):
        yield f"a task needs a Catch of {_ALL}"


def _faults_of_order(field: str, names: list[list[str]]) -> Iterator[str]:
    if any(not each for each in names):
        yield f"{field}: ErrorEquals is missing"
    if any(_ALL in each and (len(each) > 1 or each is not names[-1]) for each in names):
        yield f"{field}: {_ALL} must stand alone and last"


def _allowed(state: State) -> set[str]:
    return _FIELDS.get(state.get("Type", ""), (set(), set()))[1]


def _targets(state: State) -> set[str]:
    """Every state that can come next."""
    nexts = [state, *state.get("Catch", []), *state.get("Choices", [])]
    found = {each["Next"] for each in nexts if "Next" in each}
    return found | ({state["Default"]} if "Default" in state else set())


def _ending(states: States) -> set[str]:
    """The states from which an end can be reached."""
    before: dict[str, set[str]] = {name: set() for name in states}
    for name, state in states.items():
        for target in _targets(state) & states.keys():
            before[target].add(name)
    ends = {name for name, it in states.items() if it.get("End") or it.get("Type") in ("Succeed", "Fail")}
    return _closure(ends, before)


def _closure(begin: set[str], ways: dict[str, set[str]]) -> set[str]:
    """`begin` and all that `ways` lead to from there."""
    found, new = set(begin), set(begin)
    while new:
        new = set().union(*(ways.get(name, set()) for name in new)) - found
        found |= new
    return found
