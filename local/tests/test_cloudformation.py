"""Nested stacks: transformed, given SSM values, updated when only those change, rolled back and deleted."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture
def put_template(aws: Any, code: dict[str, str]) -> Callable[..., None]:
    """Put a child's template where the parent looks for it, changed by a function of its text."""

    def put(name: str, change: Callable[[str], str] = str, source: str = "") -> None:
        text = change((TEMPLATES / f"{source or name}.yaml").read_text())
        aws("s3").put_object(Bucket=code["CodeBucket"], Key=f"{name}.yaml", Body=text)

    return put


@pytest.fixture
def parent(put_template: Any, deploy: Any) -> Any:
    put_template("giver")
    put_template("taker")
    return deploy("parent", Name=uuid.uuid4().hex[:6])


def variables(aws: Any, function: str) -> Any:
    return aws("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]


def test_children_are_transformed_and_linked_by_outputs_and_ssm(aws: Any, parent: Any) -> None:
    assert variables(aws, parent.outputs["FunctionName"]) == {"GIVEN": "first", "WORD": "word"}
    child = aws("cloudformation").describe_stacks(StackName=parent["Taker"])["Stacks"][0]
    assert child["StackStatus"] == "CREATE_COMPLETE"
    assert child["StackName"].startswith(f"{parent.name}-Taker-")


def test_a_changed_child_template_updates_its_stack_and_those_that_read_its_value(
    aws: Any, parent: Any, put_template: Any, update: Any
) -> None:
    put_template("giver-2", lambda text: text.replace("Value: first", "Value: second"), source="giver")
    update(parent, lambda text: text.replace("/giver.yaml", "/giver-2.yaml"))
    assert variables(aws, parent.outputs["FunctionName"])["GIVEN"] == "second"


def test_a_value_that_changed_outside_shows_in_the_change_set_and_is_taken(
    aws: Any, parent: Any, update: Any
) -> None:
    cloudformation, name = aws("cloudformation"), {"StackName": parent.name, "ChangeSetName": "outside"}
    given = aws("cloudformation").describe_stacks(StackName=parent.name)["Stacks"][0]["Parameters"]
    path = next(f"/tests/{each['ParameterValue']}/given" for each in given if each["ParameterKey"] == "Name")
    aws("ssm").put_parameter(Name=path, Value="third", Type="String", Overwrite=True)
    keep = [{"ParameterKey": each["ParameterKey"], "UsePreviousValue": True} for each in given]
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    cloudformation.create_change_set(
        **name, UsePreviousTemplate=True, Parameters=keep, Capabilities=capabilities
    )
    cloudformation.get_waiter("change_set_create_complete").wait(**name, WaiterConfig={"Delay": 1})
    changes = cloudformation.describe_change_set(**name)["Changes"]
    assert [each["ResourceChange"]["LogicalResourceId"] for each in changes] == ["Taker"]
    cloudformation.execute_change_set(**name)
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=parent.name, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
    assert variables(aws, parent.outputs["FunctionName"])["GIVEN"] == "third"


def test_a_child_that_fails_rolls_the_update_back_and_the_event_says_why(
    aws: Any, parent: Any, put_template: Any, update: Any
) -> None:
    put_template("failing")
    extra = """
  Failing:
    Type: AWS::CloudFormation::Stack
    DependsOn: Taker
    Properties: {TemplateURL: !Sub "https://s3.${AWS::Region}.amazonaws.com/${CodeBucket}/failing.yaml"}
Outputs:"""
    update(parent, lambda text: text.replace("\nOutputs:", extra), wanted="UPDATE_ROLLBACK_COMPLETE")
    events = aws("cloudformation").describe_stack_events(StackName=parent.name)["StackEvents"]
    failed = [each for each in events if each["ResourceStatus"].endswith("_FAILED")]
    (reason,) = [each["ResourceStatusReason"] for each in failed if each["LogicalResourceId"] == "Failing"]
    assert "The following resource(s) failed to create: [Broken]." in reason
    assert "RedrivePolicy" in reason
    assert not aws("sqs").list_queues(QueueNamePrefix="made-before-the-failure").get("QueueUrls")
    assert variables(aws, parent.outputs["FunctionName"])["GIVEN"] == "first"


def test_deleting_the_parent_deletes_its_children(aws: Any, parent: Any, until: Any) -> None:
    cloudformation = aws("cloudformation")
    cloudformation.delete_stack(StackName=parent.name)

    def deleted() -> bool:
        stacks = [cloudformation.describe_stacks(StackName=parent[each]) for each in ("Giver", "Taker")]
        return all(each["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE" for each in stacks)

    until(deleted)
    with pytest.raises(aws("lambda").exceptions.ResourceNotFoundException):
        aws("lambda").get_function(FunctionName=parent.outputs["FunctionName"])
