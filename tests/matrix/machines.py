"""The real machines, made quicker, and with the tasks that are to fail sent through the stand-in."""

import json
from typing import Any

from tests.matrix.cells import AWAIT, GROUP, load, machines_inside

ATTEMPT_SECONDS = 2
PAYMENT_SECONDS = 3
NESTED_SECONDS = 8  # for an execution inside; when that is to fail, it has no longer than others
FASTER = 40  # the waits between attempts
LONGEST_WAIT = 3
MOST_ATTEMPTS = 7  # of a question that is asked for hours: some 6 s, longer than a booking takes here

type Machine = dict[str, Any]


def definition(machine: str, faulty: frozenset[str], values: dict[str, str]) -> str:
    """`faulty` names the tasks that are to fail; `values` are for the placeholders of the definition."""
    made = load(machine)
    _prepare(machine, made, faulty)
    text = json.dumps(made)
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _prepare(machine: str, made: Machine, faulty: frozenset[str]) -> None:
    for name, state in list(made["States"].items()):
        for inside in machines_inside(state):
            _prepare(machine, inside, faulty)
            of_item = "$states.context.Map.Item.Value.faults"
            state["ItemSelector"]["faults"] = f"{{% $exists({of_item}) ? {of_item} : {{}} %}}"
        if state["Type"] != "Task":
            continue
        fails = name in faulty
        made["States"][name] = _through_stand_in(machine, name, _quick(state, fails), fails)
        if fails and _is_gate(machine, state):
            made["States"] |= {name: made["States"][name] | {"Next": f"{name} Inside"}}
            made["States"][f"{name} Inside"] = _quick(state, faulty=False)


def _is_gate(machine: str, state: Machine) -> bool:
    """Where a group's booking is to fail, it does so in front of the state, which itself stays as it is.

    The stand-in does not wait for bookings: it would keep their own steps from being done.
    """
    return machine == GROUP and "startExecution" in state["Resource"]


def _quick(state: Machine, faulty: bool) -> Machine:
    waits = ("IntervalSeconds", "MaxDelaySeconds")
    retry = [
        {name: min(value / FASTER, LONGEST_WAIT) if name in waits else value for name, value in it.items()}
        | {"MaxAttempts": min(it["MaxAttempts"], MOST_ATTEMPTS)}
        for it in state["Retry"]
    ]
    seconds = ATTEMPT_SECONDS if isinstance(state["TimeoutSeconds"], int) else PAYMENT_SECONDS
    if "startExecution" in state["Resource"]:
        if isinstance(state["Arguments"]["Input"], dict):
            state["Arguments"]["Input"]["faults"] = "{% $states.input.faults %}"
        seconds = ATTEMPT_SECONDS if faulty else NESTED_SECONDS
    return state | {"Retry": retry, "TimeoutSeconds": seconds}


def _through_stand_in(machine: str, name: str, state: Machine, faulty: bool) -> Machine:
    """Functions always, direct integrations only when they are to fail: else Step Functions calls itself."""
    resource, arguments = state["Resource"], state["Arguments"]
    is_function = resource.startswith("arn:aws:states:::lambda:invoke")
    if not (is_function or faulty):
        return state
    started_by = "$states.input.AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
    payload = {
        "state": name,
        "resource": resource,
        "attempt": "{% $states.context.State.RetryCount %}",
        "execution": f"{{% {started_by if machine == AWAIT else '$states.context.Execution.Id'} %}}",
        "faults": "{% $exists($states.input.faults) ? $states.input.faults : {} %}",
        "payload": arguments["Payload"] if is_function else arguments,
        "gate": _is_gate(machine, state),
    }
    return state | {
        "Resource": resource if is_function else "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "${StandIn}", "Payload": payload},
    }
