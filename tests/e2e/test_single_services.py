"""Each service deploys by itself, in its own folder with its own samconfig, and goes without a trace."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.deployment import Deployment, host_architecture
from sandbox.emulator import Emulator
from sandbox.paths import LOCAL, ROOT
from sandbox.processes import free_port

pytestmark = pytest.mark.e2e

IN_ORDER = ("platform", "payment-provider", "inventory", "orders", "payments", "bookings")


@pytest.fixture(scope="module")
def alone() -> Iterator[Deployment]:
    """An embedded AWS on which nothing is deployed."""
    deployment = Deployment(Emulator(free_port(), LOCAL / "alone"))
    deployment.aws.start()
    yield deployment
    deployment.aws.stop()


def sam(alone: Deployment, service: str, *arguments: str) -> str:
    """Run SAM in the service's folder, as its README says."""
    path = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    environment = {
        "PATH": path,
        "HOME": os.environ["HOME"],
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
    }
    done = subprocess.run(
        ["sam", *arguments],
        cwd=ROOT / "services" / service,
        env=environment | dict(alone.aws.environment),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, f"sam {' '.join(arguments)} in {service}: {done.stdout}\n{done.stderr}"
    return done.stdout


def left(alone: Deployment) -> dict[str, list[Any]]:
    """What the account still holds, except the CLI's own bucket and the layer, whose versions are kept."""
    return {
        "functions": alone.client("lambda").list_functions()["Functions"],
        "tables": alone.client("dynamodb").list_tables()["TableNames"],
        "queues": alone.client("sqs").list_queues().get("QueueUrls", []),
        "topics": alone.client("sns").list_topics()["Topics"],
        "apis": alone.client("apigateway").get_rest_apis()["items"],
        "machines": alone.client("stepfunctions").list_state_machines()["stateMachines"],
        "pipes": alone.client("pipes").list_pipes()["Pipes"],
        "parameters": alone.client("ssm").describe_parameters()["Parameters"],
    }


def test_every_service_deploys_alone_and_goes_without_a_trace(alone: Deployment) -> None:
    for service in IN_ORDER:
        built = LOCAL / "alone" / service
        sam(
            alone,
            service,
            "build",
            "--build-dir",
            str(built),
            "--cache-dir",
            str(ROOT / ".aws-sam" / "cache"),
        )
        parameters = ["Stage=dev"] + (
            [f"Architecture={host_architecture()}"] if service != "platform" else []
        )
        template, config = str(built / "template.yaml"), str(ROOT / "services" / service / "samconfig.toml")
        sam(
            alone,
            service,
            *("deploy", "--template-file", template, "--config-file", config),
            *("--parameter-overrides", *parameters),
        )
    assert len(left(alone)["functions"]) > 20

    for service in reversed(IN_ORDER):
        sam(alone, service, "delete", "--no-prompts", "--region", alone.aws.environment["AWS_REGION"])
    assert {kind: found for kind, found in left(alone).items() if found} == {}
