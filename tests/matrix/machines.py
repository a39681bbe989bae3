"""The real machines, made quicker, and with the tasks that are to fail sent through the stand-in."""

import json
from typing import Any

from tests.matrix.cells import AWAIT, load

ATTEMPT_SECONDS = 2
PAYMENT_SECONDS = 3
NESTED_SECONDS = 8  # for an execution inside; when that is to fail, it has no longer than others
FASTER = 40  # the waits between attempts

type Machine = dict[str, Any]


def definition(machine: str, faulty: frozenset[str], values: dict[str, str]) -> str:
    """`faulty` names the tasks that are to fail; `values` are for the placeholders of the definition."""
    made = load(machine)
    for name, state in made["States"].items():
        if state["Type"] == "Task":
            made["States"][name] = _through_stand_in(
                machine, name, _quick(state, name in faulty), name in faulty
            )
    text = json.dumps(made)
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _quick(state: Machine, faulty: bool) -> Machine:
    waits = ("IntervalSeconds", "MaxDelaySeconds")
    retry = [
        {name: value / FASTER if name in waits else value for name, value in it.items()}
        for it in state["Retry"]
    ]
    seconds = ATTEMPT_SECONDS if isinstance(state["TimeoutSeconds"], int) else PAYMENT_SECONDS
    if "startExecution" in state["Resource"]:
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
        "faults": "{% $states.input.faults %}",
        "payload": arguments["Payload"] if is_function else arguments,
    }
    return state | {
        "Resource": resource if is_function else "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "${StandIn}", "Payload": payload},
    }
