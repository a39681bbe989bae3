"""The time in tests: a morning, and a clock that goes on from there."""

from datetime import UTC, datetime, timedelta

from jetbridge.kernel.clock import Clock

MORNING = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def ticking(start: datetime = MORNING) -> Clock:
    """A clock that is a second later each time it is read."""
    moment = start - timedelta(seconds=1)

    def read() -> datetime:
        nonlocal moment
        moment += timedelta(seconds=1)
        return moment

    return read
