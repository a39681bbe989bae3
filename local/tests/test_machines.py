"""State machines: errors by class, callbacks, timeouts, status events, roles, and JSONata to the end."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def stack(deploy: Callable[..., Any]) -> Any:
    return deploy("machines")


@pytest.fixture
def start(aws: Any, stack: Any) -> Callable[..., str]:
    def start(**given: Any) -> str:
        started = aws("stepfunctions").start_execution(
            stateMachineArn=stack.outputs["Alias"], name=uuid.uuid4().hex, input=json.dumps(given)
        )
        return str(started["executionArn"])

    return start


def output(execution: Any) -> Any:
    assert execution["status"] == "SUCCEEDED", execution
    return json.loads(execution["output"])


def test_variables_reach_the_output_of_succeed(start: Any, ended: Any) -> None:
    assert output(ended(start(do="echo", say="hello"))) == {"said": "hello"}


def test_an_exception_class_is_retried_with_a_bounded_delay_and_caught(start: Any, ended: Any) -> None:
    started = time.monotonic()
    assert output(ended(start(do="fail"))) == {"caught": "OutOfStock"}
    assert time.monotonic() - started < 2.5


@pytest.fixture
def token(stack: Any, messages: Any, until: Any) -> Callable[[], str]:
    """The token that the waiting execution has sent."""
    return lambda: str(until(lambda: messages(stack["Tokens"]))[0]["token"])


def test_a_callback_resumes_the_execution_and_a_closed_token_says_so(
    start: Any, ended: Any, aws: Any, token: Callable[[], str]
) -> None:
    execution = start(do="wait", seconds=3)
    given = token()
    aws("stepfunctions").send_task_success(taskToken=given, output='{"ok": true}')
    assert output(ended(execution)) == {"ok": True}
    with pytest.raises(ClientError) as late:
        aws("stepfunctions").send_task_success(taskToken=given, output="{}")
    assert late.value.response["Error"]["Code"] == "TaskTimedOut"


def test_a_callback_that_never_comes_times_out(start: Any, ended: Any, token: Callable[[], str]) -> None:
    assert output(ended(start(do="wait", seconds=1))) == {"caught": "States.Timeout"}
    token()


def test_a_task_that_falls_silent_times_out(start: Any, ended: Any, token: Callable[[], str]) -> None:
    execution = start(do="wait", seconds=60, silence=1)
    token()
    assert output(ended(execution)) == {"caught": "States.Timeout"}


def test_a_function_that_fails_to_start_a_callback_fails_the_task(start: Any, ended: Any) -> None:
    assert output(ended(start(do="broken callback"))) == {"caught": "OutOfStock"}


def test_the_role_of_the_machine_is_enforced(start: Any, ended: Any) -> None:
    cause = output(ended(start(do="forbidden")))["cause"]
    assert "not authorized to perform: dynamodb:PutItem" in cause


def test_writes_of_tasks_at_once_follow_one_another(start: Any, ended: Any, aws: Any, stack: Any) -> None:
    """The item is large, so that a write takes a while."""
    key, table = {"pk": {"S": "large"}}, {"TableName": stack["Counts"]}
    aws("dynamodb").put_item(**table, Item=key | {"much": {"L": [{"N": str(n)} for n in range(600)]}})
    assert output(ended(start(do="count", key="large"))) == {}
    assert aws("dynamodb").get_item(**table, Key=key)["Item"]["seen"] == {"N": "60"}


def test_parallel_has_arguments_and_output(start: Any, ended: Any) -> None:
    assert output(ended(start(do="parallel"))) == {"sum": 5}


def test_every_status_is_told_to_the_default_bus(
    start: Any, aws: Any, stack: Any, messages: Any, until: Any
) -> None:
    aborted, timed_out = start(do="wait", seconds=60), start(do="wait", seconds=60)
    aws("stepfunctions").stop_execution(executionArn=aborted)
    seen: dict[str, list[str]] = {aborted: [], timed_out: []}

    def told() -> bool:
        for event in messages(stack["Statuses"]):
            detail = event["detail"]
            seen.get(detail["executionArn"], []).append(detail["status"])
        return all(len(statuses) == 2 for statuses in seen.values())

    until(told)
    assert {aborted: sorted(seen[aborted]), timed_out: sorted(seen[timed_out])} == {
        aborted: ["ABORTED", "RUNNING"],
        timed_out: ["RUNNING", "TIMED_OUT"],
    }
    assert aws("stepfunctions").describe_execution(executionArn=timed_out)["status"] == "TIMED_OUT"


def test_the_end_of_executions_is_counted(start: Any, ended: Any, aws: Any, stack: Any) -> None:
    ended(start(do="echo", say="counted"))
    dimension = [{"Name": "StateMachineArn", "Value": stack["Machine"]}]
    metrics = aws("cloudwatch").list_metrics(Namespace="AWS/States", Dimensions=dimension)["Metrics"]
    assert "ExecutionsSucceeded" in {each["MetricName"] for each in metrics}


@pytest.fixture
def two_versions(aws: Any, stack: Any) -> Iterator[tuple[str, str]]:
    """The deployed version of the machine and one that says something else; the alias leads to the first."""
    states, alias, machine = aws("stepfunctions"), stack.outputs["Alias"], stack["Machine"]
    [route] = states.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"]
    definition = states.describe_state_machine(stateMachineArn=machine)["definition"]
    changed = json.loads(definition)
    changed["States"]["Caught"] = {"Type": "Succeed", "Output": {"version": "changed"}}
    changed["States"]["Done"] = {"Type": "Succeed", "Output": {"version": "changed"}}
    made = states.update_state_machine(stateMachineArn=machine, definition=json.dumps(changed), publish=True)
    yield route["stateMachineVersionArn"], made["stateMachineVersionArn"]
    states.update_state_machine(stateMachineArn=machine, definition=definition)
    states.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=[route])


def lead(aws: Any, stack: Any, **weights: int) -> None:
    alias = stack.outputs["Alias"]
    routes = [
        {"stateMachineVersionArn": f"{stack['Machine']}:{version.removeprefix('v')}", "weight": weight}
        for version, weight in weights.items()
    ]
    aws("stepfunctions").update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=routes)


def test_an_alias_runs_the_version_that_it_leads_to_and_no_newer_one(
    start: Any, ended: Any, aws: Any, stack: Any, two_versions: tuple[str, str]
) -> None:
    old, new = two_versions
    seen = ended(start(do="echo", say="hello"))
    assert output(seen) == {"said": "hello"}
    assert (seen["stateMachineVersionArn"], seen["stateMachineAliasArn"]) == (old, stack.outputs["Alias"])
    waiting = start(do="wait", seconds=1)
    lead(aws, stack, **{f"v{new.rpartition(':')[2]}": 100})
    changed = ended(start(do="echo", say="hello"))
    assert (output(changed), changed["stateMachineVersionArn"]) == ({"version": "changed"}, new)
    assert output(ended(waiting)) == {"caught": "States.Timeout"}
    told = aws("stepfunctions").describe_state_machine_for_execution(executionArn=waiting)
    assert "changed" not in told["definition"]


def test_an_alias_shares_executions_out_by_its_weights(
    start: Any, ended: Any, aws: Any, stack: Any, two_versions: tuple[str, str]
) -> None:
    old, new = (version.rpartition(":")[2] for version in two_versions)
    lead(aws, stack, **{f"v{old}": 50, f"v{new}": 50})
    outputs = [json.dumps(output(ended(start(do="echo", say="hello")))) for _ in range(24)]
    assert set(outputs) == {'{"said": "hello"}', '{"version": "changed"}'}
    lead(aws, stack, **{f"v{old}": 100, f"v{new}": 0})
    assert output(ended(start(do="echo", say="hello"))) == {"said": "hello"}


def test_a_rule_starts_a_machine_with_a_role_that_may(
    aws: Any, stack: Any, messages: Any, until: Any
) -> None:
    aws("events").put_events(Entries=[{"Source": "tests.machines", "DetailType": "T", "Detail": "{}"}])
    (lost,) = until(lambda: messages(stack["RuleDlq"]))
    assert lost["_message"]["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"

    def inputs() -> list[Any]:
        executions = aws("stepfunctions").list_executions(stateMachineArn=stack["Machine"])["executions"]
        arns = [each["executionArn"] for each in executions]
        found = [aws("stepfunctions").describe_execution(executionArn=arn)["input"] for arn in arns]
        return [each for each in found if json.loads(each).get("say") == "rule"]

    assert len(until(inputs)) == 1


def test_a_schedule_invokes_a_function_with_its_role(stack: Any, messages: Any, until: Any) -> None:
    (note,) = until(lambda: messages(stack["Notes"]), 30)
    assert note["note"] == "on time"
