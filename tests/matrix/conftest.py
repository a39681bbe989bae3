"""One embedded AWS for all that is played here."""

from collections.abc import Iterator

import pytest

from sandbox.processes import free_port
from tests.matrix.world import World, world

WORKERS = 6


@pytest.fixture(scope="session")
def on_aws() -> Iterator[World]:
    with world(free_port(), WORKERS) as made:
        yield made
