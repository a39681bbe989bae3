"""The one clock of the world: it stands still until it is told to go on."""

import datetime as dt
from types import SimpleNamespace
from typing import ClassVar, Self

import pytest
from aws_lambda_powertools.utilities.idempotency.persistence import base, datarecord, dynamodb

from jetbridge.kernel import clock

START = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)


class WorldTime(dt.datetime):
    """A datetime whose `now` is the world's."""

    moment: ClassVar[dt.datetime] = START

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Self:
        here = cls.moment.astimezone(tz)
        return cls.fromtimestamp(here.timestamp(), tz)

    @classmethod
    def advance(cls, by: dt.timedelta) -> None:
        cls.moment += by


def govern(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own clock, and that of Powertools' locks."""
    monkeypatch.setattr(clock, "datetime", WorldTime)
    for module in (base, dynamodb, datarecord):
        monkeypatch.setattr(module, "dt", SimpleNamespace(datetime=WorldTime, timedelta=dt.timedelta))
