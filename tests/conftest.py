"""What every test stands on: an environment without AWS and without a trace daemon."""

import os
import sys
from collections.abc import Iterator
from functools import cache
from io import StringIO
from logging import StreamHandler
from typing import Any

import botocore.loaders
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# How long an example takes says how busy the machine is.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Powertools reads some of these when it is imported, so they must stand before any test module is.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_REGION="eu-west-1",
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_TRACE_DISABLED="true",
    POWERTOOLS_SERVICE_NAME="test",
    POWERTOOLS_METRICS_NAMESPACE="Jetbridge",
)
for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
    os.environ.pop(name, None)

# Each mocked account has clients of its own; what all of them read from botocore's files is read once.
botocore.loaders.create_loader = cache(botocore.loaders.create_loader)


class ByDeployment(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Tests that share an embedded AWS run in one process, and so do those of a module."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return next((place for place in ("e2e", "local", "matrix") if place in path.split("/")), path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByDeployment:
    return ByDeployment(config, log)


@pytest.fixture(autouse=True)
def _fresh_bootstraps() -> None:
    """What a bootstrap made for one test is not there for the next."""
    for name, module in list(sys.modules.items()):
        if name.endswith(".bootstrap") or name == "jetbridge.runtime.aws":
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What functions log, as text."""
    from jetbridge.runtime.observability import logger  # noqa: PLC0415 - after the environment above

    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)
    caught = StringIO()
    before = handler.setStream(caught)
    yield caught
    handler.setStream(before)
