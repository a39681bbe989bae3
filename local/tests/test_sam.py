"""The real SAM CLI: a root template of nested applications built, deployed, invoked, read and deleted."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

APPLICATION = Path(__file__).parent / "apps" / "nested" / "template.yaml"
STACK = "sam-nested"


@pytest.fixture(scope="module")
def sam_environment(emulator: Any) -> dict[str, str]:
    """What the real SAM CLI needs to talk to the emulator."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
    }


@pytest.fixture(scope="module")
def sam(sam_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    folder = tmp_path_factory.mktemp("sam")

    def sam(*arguments: str) -> str:
        command = ["sam", *arguments]
        ran = subprocess.run(
            command, cwd=folder, env=sam_environment, capture_output=True, text=True, timeout=90, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    return sam


@pytest.fixture(scope="module")
def deployed(sam: Callable[..., str], code: dict[str, str]) -> None:
    sam("build", "-t", str(APPLICATION))
    sam(
        *("deploy", "--stack-name", STACK, "--resolve-s3", "--no-confirm-changeset", "--no-progressbar"),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
        *("--parameter-overrides", f"SitePackages={code['SitePackages']}"),
    )


@pytest.mark.usefixtures("deployed")
def test_outputs_of_children_are_outputs_of_the_root(sam: Callable[..., str]) -> None:
    listed = json.loads(sam("list", "stack-outputs", "--stack-name", STACK, "--output", "json"))
    outputs = {each["OutputKey"]: each["OutputValue"] for each in listed}
    assert outputs["BusName"] == "nested-test"


@pytest.mark.usefixtures("deployed")
def test_a_function_of_a_child_is_invoked_and_its_log_is_read(sam: Callable[..., str]) -> None:
    answer = sam("remote", "invoke", "Service/DescribeFunction", "--stack-name", STACK, "--event", "{}")
    environment = json.loads(answer)["environment"]
    assert environment["BUS_NAME"] == "nested-test"
    name = environment["AWS_LAMBDA_FUNCTION_NAME"]
    assert f"describing {name}" in sam("logs", "--stack-name", STACK, "-n", "Service/DescribeFunction")


@pytest.mark.usefixtures("deployed")
def test_a_queue_and_a_state_machine_are_sent_to(sam: Callable[..., str], aws: Any) -> None:
    child = aws("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId="Service")
    physical = child["StackResourceDetail"]["PhysicalResourceId"]
    resources = aws("cloudformation").describe_stack_resources(StackName=physical)["StackResources"]
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}
    sam("remote", "invoke", "Service/Queue", "--stack-name", STACK, "--event", '{"n": 1}')
    received = aws("sqs").receive_message(QueueUrl=ids["Queue"], WaitTimeSeconds=5)["Messages"]
    assert received[0]["Body"] == '{"n": 1}'
    answer = sam("remote", "invoke", "Service/Machine", "--stack-name", STACK, "--event", '{"n": 2}')
    assert json.loads(answer) == {"n": 2}


@pytest.mark.usefixtures("deployed")
def test_a_second_deploy_has_nothing_to_do(sam: Callable[..., str], code: dict[str, str]) -> None:
    said = sam(
        *("deploy", "--stack-name", STACK, "--resolve-s3", "--no-confirm-changeset", "--no-progressbar"),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset"),
        *("--parameter-overrides", f"SitePackages={code['SitePackages']}"),
    )
    assert "No changes to deploy" in said


@pytest.mark.usefixtures("deployed")
def test_deleting_the_root_leaves_nothing(sam: Callable[..., str], aws: Any) -> None:
    sam("delete", "--stack-name", STACK, "--no-prompts", "--region", "eu-west-1")
    functions = aws("lambda").list_functions()["Functions"]
    assert [each for each in functions if each["FunctionName"].startswith(STACK)] == []
    assert not [name for name in aws("dynamodb").list_tables()["TableNames"] if name.startswith(STACK)]
