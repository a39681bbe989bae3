"""Our state machines are sound, end in time and undo alike; and the check of them finds what is broken."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bookings.domain.flights import LATE_AFTER
from checks.asl import check, main
from checks.templates import PATHS, ROOT, names_in, service, target_of
from jetbridge.kernel.errors import DomainError
from tests.integration.orchestration.language import evaluated

MACHINES = sorted((ROOT / "statemachines").glob("*.asl.json"))
COMPENSATIONS = ("Refund Payment", "Cancel Booking", "Cancel Transfer", "Release Flight", "Settle Booking")

type Machine = dict[str, Any]


def load(name: str) -> Machine:
    machine: Machine = json.loads((ROOT / "statemachines" / f"{name}.asl.json").read_text())
    return machine


def names_of_errors(machine: Machine) -> set[str]:
    handlers = [
        each for it in machine["States"].values() for each in (*it.get("Retry", ()), *it.get("Catch", ()))
    ]
    return {name for each in handlers for name in each["ErrorEquals"]}


def refusals(kind: type[DomainError] = DomainError) -> set[str]:
    return {kind.__name__}.union(*(refusals(each) for each in kind.__subclasses__()))


def worst_case(state: dict[str, Any], wait: int) -> int:
    """Seconds until a task has failed for good. The last attempt of one that calls back takes `wait`."""
    retrier = state["Retry"][-1]
    delays = [retrier["IntervalSeconds"] * retrier["BackoffRate"] ** n for n in range(retrier["MaxAttempts"])]
    waits = sum(min(delay, retrier.get("MaxDelaySeconds", delay)) for delay in delays)
    if not isinstance(state["TimeoutSeconds"], int):
        return int(wait + waits + 10 * retrier["MaxAttempts"])  # its function fails within its own timeout
    return int(state["TimeoutSeconds"] * (len(delays) + 1) + waits)


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_every_state_machine_is_sound(path: Path) -> None:
    assert dict(check([path], PATHS)) == {path: []}


def test_the_check_prints_a_line_per_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path) for path in (*MACHINES, *PATHS)]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{path}: sound" for path in MACHINES]


@pytest.mark.parametrize("name", ["process_booking", "compensate_booking"])
def test_a_saga_at_its_slowest_ends_before_its_timeout(name: str) -> None:
    longest_wait = service("bookings").body["Parameters"]["PaymentTimeoutSeconds"]["MaxValue"]
    machine = load(name)
    tasks = [state for state in machine["States"].values() if state["Type"] == "Task"]
    total = sum(worst_case(state, longest_wait) for state in tasks)
    assert total < machine["TimeoutSeconds"]
    assert f"{total} s of {machine['TimeoutSeconds']} s" in machine["Comment"]


@pytest.mark.parametrize("name", COMPENSATIONS)
def test_both_machines_compensate_alike(name: str) -> None:
    def without_ways(machine: Machine) -> Any:
        state = machine["States"][name]
        return state | {"Next": "", "Catch": [catch | {"Next": ""} for catch in state["Catch"]]}

    assert without_ways(load("process_booking")) == without_ways(load("compensate_booking"))


def test_an_attempt_at_taking_seats_is_given_up_long_before_it_counts_as_late() -> None:
    """Even if its time were that of the first one; and clocks may differ by minutes."""
    assert (
        10 * worst_case(load("process_booking")["States"]["Reserve Flight"], 0) < LATE_AFTER.total_seconds()
    )


def test_every_error_named_in_the_saga_is_one_that_somebody_raises() -> None:
    import bookings.domain.refusals  # noqa: F401, PLC0415 - so that its refusals are known

    ours = {name for name in names_of_errors(load("process_booking")) if "." not in name}
    assert ours - refusals() <= {"ValidationError", "PaymentDeclined"}  # pydantic's, and our adapter's


def test_who_waits_for_a_supplier_waits_longer_than_the_supplier_is_asked() -> None:
    """Whatever is wanted, the last attempt comes a second after the limit, and there is time for it."""
    machine, waiting = load("await_supplier"), load("process_booking")["States"]["Reserve Transfer"]
    limit = machine["States"]["Begin"]["Assign"]["limit"]
    longest = asked_at_most(limit, 10_000)
    assert asked_at_most(limit, 7) == 7
    assert service("bookings").body["Parameters"]["TransferTimeoutSeconds"]["MaxValue"] <= longest
    attempt = worst_case(machine["States"]["Ask Supplier"], 0)
    assert longest + 1 + attempt < machine["TimeoutSeconds"] < waiting["TimeoutSeconds"]
    assert f"within {longest} + 1 + {attempt} = {longest + 1 + attempt} s" in machine["Comment"]


def asked_at_most(limit: str, wanted: int) -> int:
    given = {"input": {"at_most_seconds": wanted}}
    return int(evaluated(limit, {}, given))


@pytest.mark.parametrize(("every", "elapsed", "seconds"), [(2, 0, 2), (0, 3, 1), (1000, 3, 57), (5, 59.5, 1)])
def test_a_supplier_is_asked_again_after_a_second_at_least_and_not_after_the_limit(
    every: int, elapsed: float, seconds: int
) -> None:
    wait = load("await_supplier")["States"]["Wait"]["Seconds"]
    given = {"input": {"every_seconds": every}}
    assert evaluated(wait, {"limit": 60, "elapsed": elapsed}, given) == seconds


def test_the_errors_of_a_supplier_are_known_to_who_waits() -> None:
    states = load("await_supplier")["States"].values()
    errors = {state["Error"] for state in states if state["Type"] == "Fail"}
    [catch] = load("process_booking")["States"]["Reserve Transfer"]["Catch"]
    reason = catch["Assign"]["failure"]["reason"]
    assert errors == {"SupplierFailed", "SupplierTimedOut"}
    assert all(error in reason for error in errors)


def test_a_failing_compensation_never_stops_the_next() -> None:
    states = load("process_booking")["States"]
    chain = [*COMPENSATIONS, "Notify Failed Booking", "Booking DLQ", "Booking Failed"]
    for name, following in pairwise(chain):
        assert after_choice(states, states[name]["Next"]) == following
        if name != "Booking DLQ":
            assert after_choice(states, states[name]["Catch"][-1]["Next"]) == following


def after_choice(states: dict[str, Any], name: str) -> str:
    """What comes next for a booking that needs every compensation."""
    return str(states[name]["Choices"][0]["Next"] if states[name]["Type"] == "Choice" else name)


@pytest.mark.parametrize("name", ["process_booking", "compensate_booking"])
def test_a_case_that_no_queue_takes_ends_with_an_error_of_its_own(name: str) -> None:
    states = load(name)["States"]
    assert [catch["Next"] for catch in states["Booking DLQ"]["Catch"]] == ["Booking Lost"]
    assert states["Booking Lost"]["Error"] == "BookingLost"
    rules = service("bookings").resources("Events::Rule").values()
    assert any("BookingLost" in json.dumps(rule.get("EventPattern", {})) for rule in rules)


def test_sagas_are_started_by_their_alias_only() -> None:
    template = service("bookings")
    machines = template.resources("Serverless::StateMachine")
    assert {machine["AutoPublishAlias"] for machine in machines.values()} == {"live"}
    variables = [it["Environment"]["Variables"] for it in template.functions().values()]
    assert not {name for each in variables for name in names_in(each)} & machines.keys()
    assert {target_of(each["SAGA_ARN"]) for each in variables if "SAGA_ARN" in each} == {
        "ProcessBookingAliaslive"
    }
    assert {target_of(each["GROUP_SAGA_ARN"]) for each in variables if "GROUP_SAGA_ARN" in each} == {
        "ProcessGroupAliaslive"
    }
    assert {target_of(each["UNDOING_ARN"]) for each in variables if "UNDOING_ARN" in each} == {
        "CompensateBookingAliaslive"
    }
    targets = [target for rule in template.resources("Events::Rule").values() for target in rule["Targets"]]
    named = {target_of(target["Arn"]) for target in targets}
    assert "CompensateBookingAliaslive" in named
    assert not named & machines.keys()
    for machine in machines.values():
        given = machine.get("DefinitionSubstitutions", {})
        assert not {target_of(value) for value in given.values()} & machines.keys()


USER = "service/template.yaml: Machine"
SOUND: Machine = {
    "QueryLanguage": "JSONata",
    "StartAt": "Work",
    "TimeoutSeconds": 60,
    "States": {
        "Work": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "${Worker}", "Payload": "{% $states.input %}"},
            "TimeoutSeconds": 5,
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "Next": "Ask",
        },
        "Ask": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% true %}", "Next": "Done"}],
            "Default": "Failed",
        },
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "Error": "Broken", "Cause": "It broke."},
    },
}

ALL = ["States.ALL"]
MINE = {"ErrorEquals": ["Mine"], "Next": "Failed"}
CIRCLE = {"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}}

# What is changed, into what (None: taken away), and the fault that must be found.
BROKEN: list[tuple[str, Any, str]] = [
    ("StartAt", "Nowhere", "StartAt: there is no state 'Nowhere'"),
    ("QueryLanguage", None, "QueryLanguage must be JSONata, as in every machine"),
    ("TimeoutSeconds", None, "TimeoutSeconds is missing"),
    ("InputPath", "$", "unknown field InputPath"),
    ("States/Work/Next", "Nowhere", "Work: there is no state 'Nowhere'"),
    ("States/Work/Catch/0/Next", "Nowhere", "Work: there is no state 'Nowhere'"),
    ("States/Ask/Choices/0/Next", "Nowhere", "Ask: there is no state 'Nowhere'"),
    ("States/Ask/Choices/0/Condition", None, "Ask: a choice needs Condition and Next"),
    ("States/Ask/Default", None, "Ask: Default is missing"),
    ("States/Work/Next", None, "Work: needs Next or End: true"),
    ("States/Work/End", True, "Work: has both Next and End"),
    ("States/Done", {"Type": "Pass", "End": False}, "Done: End must be true"),
    ("States/Done", {"Type": "Wait", "End": True}, "Done: needs Seconds or Timestamp"),
    ("States/Lost", {"Type": "Succeed"}, "Lost: cannot be reached"),
    ("States/Done", {"Type": "Pass", "Next": "Done"}, "Done: leads to no end"),
    ("States/Done", CIRCLE | {"End": True}, "Done: A: leads to no end"),
    ("States/Done/Type", "Suceed", "Done: unknown type 'Suceed'"),
    ("States/Work/ResultPath", "$", "Work: unknown field ResultPath"),
    ("States/Work/TimeoutSeconds", None, "Work: a task needs TimeoutSeconds"),
    ("States/Work/Retry", None, "Work: a task needs Retry"),
    ("States/Work/Retry/0/MaxAttempts", 0, "Work: a task needs Retry"),
    ("States/Work/Catch", None, "Work: a task needs a Catch of States.ALL"),
    ("States/Work/Catch", [MINE], "Work: a task needs a Catch of States.ALL"),
    (
        "States/Work/Catch",
        [MINE | {"ErrorEquals": ALL}, MINE],
        "Work: Catch: States.ALL must stand alone and last",
    ),
    ("States/Work/Catch/0/ErrorEquals", [*ALL, "Mine"], "Work: Catch: States.ALL must stand alone and last"),
    ("States/Work/Retry/0/ErrorEquals", None, "Work: Retry: ErrorEquals is missing"),
    ("States/Failed/Cause", None, "Failed: Cause is missing"),
    ("States/Work/Arguments/FunctionName", "${Other}", "${Other} has no DefinitionSubstitutions in " + USER),
    ("States/Work/Arguments/FunctionName", None, f"{USER} substitutes Worker, which is not named"),
    (
        "States/Work/Arguments/Payload",
        "x {% 1 %}",
        "Work/Arguments/Payload: {% and %} must stand around the whole",
    ),
    ("States/Work/Arguments/Payload", "{% $merge([1, %}", "Work/Arguments/Payload: not JSONata"),
]


def broken(place: str, value: Any) -> Machine:
    machine: Machine = json.loads(json.dumps(SOUND))
    *path, last = place.split("/")
    parent: Any = machine
    for name in path:
        parent = parent[int(name) if name.isdigit() else name]
    if value is None:
        del parent[last]
    else:
        parent[last] = value
    return machine


def faults_of(text: str, folder: Path) -> list[str]:
    template = folder / "service" / "template.yaml"
    template.parent.mkdir()
    template.write_text(
        "Resources:\n"
        "  Machine:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties:\n"
        "      DefinitionUri: ../machine.asl.json\n"
        "      DefinitionSubstitutions: {Worker: !GetAtt Function.Arn}\n"
    )
    machine = folder / "machine.asl.json"
    machine.write_text(text)
    return dict(check([machine], [template]))[machine]


def test_a_sound_machine_has_no_fault(tmp_path: Path) -> None:
    assert faults_of(json.dumps(SOUND), tmp_path) == []


@pytest.mark.parametrize(("place", "value", "fault"), BROKEN)
def test_a_broken_machine_is_found(place: str, value: Any, fault: str, tmp_path: Path) -> None:
    found = faults_of(json.dumps(broken(place, value)), tmp_path)
    assert any(each.startswith(fault) for each in found), found


def test_a_file_that_is_not_json_is_found(tmp_path: Path) -> None:
    assert faults_of("{", tmp_path)[0].startswith("not JSON")


def test_a_machine_that_no_template_uses_is_found(tmp_path: Path) -> None:
    machine = tmp_path / "machine.asl.json"
    machine.write_text(json.dumps(SOUND))
    assert dict(check([machine], [])) == {machine: ["no template has a state machine of this file"]}


def test_a_template_whose_machine_is_not_there_is_found(tmp_path: Path) -> None:
    faults_of(json.dumps(SOUND), tmp_path)
    (tmp_path / "machine.asl.json").unlink()
    template = tmp_path / "service" / "template.yaml"
    [(found, [fault])] = check([], [template])
    assert found == template
    assert fault.endswith("machine.asl.json is not there")


def test_the_command_fails_when_a_machine_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = tmp_path / "machine.asl.json"
    machine.write_text("{}")
    assert main([str(machine)]) == 1
    assert "StartAt is missing" in capsys.readouterr().out
