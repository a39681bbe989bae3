"""The application, deployed once per session on an embedded AWS of its own, with IAM enforced."""

import socket
from collections.abc import Iterator

import pytest

from sandbox.__main__ import bring_up
from sandbox.deployment import Deployment
from sandbox.emulator import Emulator
from sandbox.outputs import Outputs
from sandbox.paths import LOCAL
from tests.e2e.clients import Clients


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
