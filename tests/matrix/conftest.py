"""One embedded AWS for all that is played here."""

import socket
from collections.abc import Iterator

import pytest

from tests.matrix.world import World, world

WORKERS = 6


@pytest.fixture(scope="session")
def on_aws() -> Iterator[World]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with world(port, WORKERS) as made:
        yield made
