"""Time, always in UTC and on the wire always as ISO 8601 with `Z`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def to_iso(moment: datetime) -> str:
    """`2026-11-21T09:30:00.123456Z`: fixed width, so that text order is time order.

    Raises ValueError for a time without a zone.
    """
    if moment.tzinfo is None:  # astimezone would take it for the machine's own time
        raise ValueError("a time without a zone is no moment")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
