"""The account in which bookings are played."""

from collections.abc import Iterator

import pytest

from tests.integration.choreography.account import mocked
from tests.integration.orchestration.world import SETTINGS


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mocked(monkeypatch, SETTINGS):
        yield
