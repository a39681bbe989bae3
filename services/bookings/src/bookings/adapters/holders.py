"""`holders` in a flight's item: what each booking holds, and the marks of those that gave it back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bookings.domain.flights import Mark
from jetbridge.runtime.dynamodb import Row, to_item

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class HolderRow(Row):
    """An entry as the state machines write it; a mark has the milliseconds since 1970."""

    released_at: int | None = None


def marks_among(holders: Mapping[str, HolderRow]) -> tuple[Mark, ...]:
    return tuple(
        Mark(booking_id, _EPOCH + row.released_at * _MILLISECOND)
        for booking_id, row in holders.items()
        if row.released_at is not None
    )


def forgetting(booking_ids: Sequence[str], before: datetime) -> dict[str, Any]:
    """Parameters of the update. `forgotten_before` refuses what the marks refused, and only ever rises."""
    names = {f"#m{place}": booking_id for place, booking_id in enumerate(booking_ids)}
    is_mark = [f"holders.{name}.released_at < :before" for name in names]
    rises = "(attribute_not_exists(forgotten_before) OR forgotten_before <= :before)"
    return {
        "UpdateExpression": "SET forgotten_before = :before REMOVE "
        + ", ".join(f"holders.{name}" for name in names),
        "ConditionExpression": " AND ".join([rises, *is_mark]),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": to_item({":before": (before - _EPOCH) // _MILLISECOND}),
    }
