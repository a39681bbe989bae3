"""Opaque cursors: where in a DynamoDB query or scan the next page of a list begins."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from jetbridge.kernel.errors import DomainError
from jetbridge.runtime.dynamodb import Item, from_item, to_item


class InvalidCursor(DomainError):
    code = "invalid_cursor"


def write_cursor(last_key: Item | None) -> str | None:
    """The cursor for a `LastEvaluatedKey` of text attributes; None when there is no next page."""
    if not last_key:
        return None
    return urlsafe_b64encode(json.dumps(from_item(last_key)).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *, names: frozenset[str], own: dict[str, str] | None = None) -> Item:
    """The `ExclusiveStartKey` that the cursor is. Raises InvalidCursor unless it has exactly `names`.

    `own` are attributes that must be the caller's, so that a cursor cannot lead into other people's lists.
    """
    try:
        key: Any = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise InvalidCursor("This cursor was not made by this list.") from None
    fits = isinstance(key, dict) and key.keys() == names and all(isinstance(it, str) for it in key.values())
    if not fits or any(key[name] != value for name, value in (own or {}).items()):
        raise InvalidCursor("This cursor was not made by this list.")
    return to_item(key)
