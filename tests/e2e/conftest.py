"""The application, deployed once per session on an embedded AWS of its own, with IAM enforced."""

from collections.abc import Iterator

import pytest

from sandbox.__main__ import bring_up
from sandbox.deployment import Deployment
from sandbox.emulator import Emulator
from sandbox.outputs import Outputs
from sandbox.paths import LOCAL
from sandbox.processes import free_port
from tests.e2e.clients import Clients


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    home = LOCAL / "e2e"
    deployment = Deployment(Emulator(free_port(), home), build=home / "build")
    yield deployment
    deployment.aws.stop()


@pytest.fixture(scope="session")
def application(deployment: Deployment) -> Outputs:
    return bring_up(deployment)


@pytest.fixture(scope="session")
def clients(application: Outputs) -> Clients:
    return Clients(application)
