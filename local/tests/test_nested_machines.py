"""Executions that an execution starts and waits for: by alias, once under a name, ended with their parent."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def stack(deploy: Callable[..., Any]) -> Any:
    return deploy("nested-machines")


@pytest.fixture
def run(aws: Any, stack: Any) -> Callable[..., str]:
    """Start a parent: `name` is that of its child, `patience` how many seconds it waits for it."""

    def run(parent: str = "Parent", **given: Any) -> str:
        wish = {"name": uuid.uuid4().hex, "seconds": 0, "patience": 10, "say": "hello"} | given
        started = aws("stepfunctions").start_execution(
            stateMachineArn=stack.outputs[parent], name=uuid.uuid4().hex, input=json.dumps(wish)
        )
        return str(started["executionArn"])

    return run


@pytest.fixture
def child(aws: Any, stack: Any, until: Any) -> Callable[[str], Any]:
    """The child of that name, once it has started."""
    arn = stack.outputs["Child"].replace(":stateMachine:", ":execution:")

    def child(name: str) -> Any:
        states = aws("stepfunctions")

        def found() -> Any:
            try:
                return states.describe_execution(executionArn=f"{arn}:{name}")
            except states.exceptions.ExecutionDoesNotExist:
                return None

        return until(found)

    return child


@pytest.fixture
def output(ended: Any) -> Callable[[str], Any]:
    def output(execution: str) -> Any:
        found = ended(execution)
        assert found["status"] == "SUCCEEDED", found
        return json.loads(found["output"])

    return output


def test_a_child_is_started_by_its_alias_and_its_output_is_parsed(run: Any, output: Any) -> None:
    assert output(run()) == {"said": "hello", "status": "SUCCEEDED"}


def test_the_failure_of_a_child_is_told_in_the_cause(run: Any, output: Any) -> None:
    caught = output(run(error="SupplierTimedOut"))
    told = json.loads(caught["Cause"])
    assert (caught["Error"], told["Error"], told["Status"]) == (
        "States.TaskFailed",
        "SupplierTimedOut",
        "FAILED",
    )
    assert told["Cause"] == "As it was told"


def test_a_name_is_used_once(run: Any, output: Any, child: Any) -> None:
    name = uuid.uuid4().hex
    assert output(run(name=name))["said"] == "hello"
    first = child(name)
    assert output(run(name=name))["Error"] == "StepFunctions.ExecutionAlreadyExistsException"
    assert child(name)["startDate"] == first["startDate"]


def test_a_start_that_is_repeated_waits_for_the_same_child(run: Any, output: Any, child: Any) -> None:
    name = uuid.uuid4().hex
    first = run(name=name, seconds=2)
    child(name)
    assert output(run(name=name, seconds=2)) == output(first)


def test_a_child_ends_with_its_parent(aws: Any, run: Any, child: Any, until: Any) -> None:
    name = uuid.uuid4().hex
    parent = run(name=name, seconds=60, patience=60)
    child(name)
    aws("stepfunctions").stop_execution(executionArn=parent)
    until(lambda: child(name)["status"] == "ABORTED")


def test_a_child_that_takes_too_long_is_stopped(run: Any, output: Any, child: Any, until: Any) -> None:
    name = uuid.uuid4().hex
    assert output(run(name=name, seconds=60, patience=1))["Error"] == "States.Timeout"
    until(lambda: child(name)["status"] == "ABORTED")


def test_who_waits_must_be_allowed_to(run: Any, output: Any) -> None:
    caught = output(run("Powerless"))
    assert caught["Error"] == "StepFunctions.AWSStepFunctionsException"
    assert "states:DescribeExecution" in caught["Cause"]
