"""`sam build` and `sam deploy` of the root template, as anyone would type them; what was deployed."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from sandbox.console import Progress
from sandbox.emulator import Emulator
from sandbox.paths import ROOT
from sandbox.problems import SandboxProblem

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

STAGE = "dev"
STACK = f"jetbridge-{STAGE}"
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
_BUILT = "Build Succeeded"


@dataclass(frozen=True)
class Deployment:
    """The application, deployed as `stack` on `aws`; builds are kept in `build`."""

    aws: Emulator
    stack: str = STACK
    build: Path = ROOT / ".aws-sam" / "build"

    def session(self) -> boto3.session.Session:
        given = self.aws.environment
        return boto3.session.Session(
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            region_name=given["AWS_REGION"],
        )

    def client(self, service: str) -> Any:
        return self.session().client(service, endpoint_url=self.aws.url)  # type: ignore[call-overload]

    def sam_build(self, progress: Progress) -> None:
        told = _sam(self, ["build", "--build-dir", str(self.build)], progress, "Running CustomMakeBuilder")
        if _BUILT not in told:
            raise SandboxProblem(f"sam build failed; its last words:\n{_tail(told)}")

    def sam_deploy(self, progress: Progress) -> None:
        """Deploy what changed. Raises SandboxProblem with CloudFormation's own reason."""
        parameters = {
            "Stage": STAGE,
            "Architecture": host_architecture(),
            "TokenMinutes": "1440",
            "ApiBase": f"{self.aws.url}/_aws/execute-api",
        }
        command = ["deploy", "--template-file", str(self.build / "template.yaml"), "--stack-name", self.stack]
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        _sam(self, [*command, "--parameter-overrides", *overrides], progress, "CREATE_COMPLETE")

    def function(self, handler: str) -> Any:
        """The configuration of the function with this handler."""
        pages = self.client("lambda").get_paginator("list_functions").paginate()
        (found,) = (each for page in pages for each in page["Functions"] if each["Handler"] == handler)
        return found

    def outputs(self) -> dict[str, dict[str, str]]:
        """The outputs of the root stack and of every nested one, by the name the root gives it."""
        cloudformation: CloudFormationClient = self.client("cloudformation")
        found = {"root": _outputs(cloudformation, self.stack)}
        for name, physical in self._nested(cloudformation):
            found[name] = _outputs(cloudformation, physical)
        return found

    def _nested(self, cloudformation: "CloudFormationClient") -> Iterator[tuple[str, str]]:
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.stack):
            for resource in page["StackResourceSummaries"]:
                if resource["ResourceType"] == "AWS::CloudFormation::Stack":
                    yield resource["LogicalResourceId"], resource["PhysicalResourceId"]


def _outputs(cloudformation: "CloudFormationClient", stack: str) -> dict[str, str]:
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _sam(deployment: Deployment, arguments: list[str], progress: Progress, mark: str) -> str:
    """Run SAM in the project's root; lines with `mark` move the bar. Returns all that it said."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))},
        **deployment.aws.environment,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ.get('PATH', '')}",
    }
    told: list[str] = []
    with subprocess.Popen(
        [_sam_command(), *arguments, "--config-file", str(ROOT / "samconfig.toml")],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            told.append(line)
            marked = sum(mark in said for said in told)
            progress.show(1 - 0.97**marked, f"{marked}")
    if process.returncode != 0:
        raise SandboxProblem(f"sam {arguments[0]} failed; its last words:\n{_tail(''.join(told))}")
    return "".join(told)


@cache
def _sam_command() -> str:
    found = shutil.which("sam", path=str(ROOT / ".venv" / "bin"))
    if found is None:
        raise SandboxProblem("The SAM CLI is not in .venv: run make clean, then make run")
    return found


def _tail(text: str, lines: int = 15) -> str:
    return "\n".join(text.rstrip().splitlines()[-lines:])


def host_architecture() -> str:
    """The Lambda name of this machine's architecture. Raises SandboxProblem for one that Lambda has not."""
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURES:
        raise SandboxProblem(f"Lambda has no architecture like this machine's ({machine})")
    return _ARCHITECTURES[machine]
