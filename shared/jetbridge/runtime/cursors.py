"""Where a page of a DynamoDB query ended, as an opaque text for clients."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from jetbridge.kernel.errors import DomainError
from jetbridge.runtime.dynamodb import Item, from_item, to_item


class InvalidCursor(DomainError):
    code = "invalid_cursor"


def to_cursor(last_evaluated_key: Mapping[str, Any] | None) -> str | None:
    """None after the last page. Only for keys of text."""
    if not last_evaluated_key:
        return None
    return base64.urlsafe_b64encode(json.dumps(from_item(last_evaluated_key)).encode()).decode()


def from_cursor(cursor: str, *, fits: Mapping[str, str | None] | None = None) -> Item:
    """The key to start after. Raises InvalidCursor for what is not one.

    `fits` names the key's attributes, with the value that one must have or None for any: what does not fit
    was given by another list, perhaps somebody else's.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise InvalidCursor("The cursor is not one that this list gave.") from None
    if not isinstance(key, dict) or not all(isinstance(value, str) for value in key.values()):
        raise InvalidCursor("The cursor is not one that this list gave.")
    if fits and (key.keys() != fits.keys() or any(fits[name] not in (None, key[name]) for name in key)):
        raise InvalidCursor("The cursor is not one that this list gave.")
    return to_item(key)
