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


def from_cursor(cursor: str) -> Item:
    """The key to start after. Raises InvalidCursor for what is not one; DynamoDB checks the rest."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise InvalidCursor("The cursor is not one that this list gave.") from None
    if not isinstance(key, dict) or not all(isinstance(value, str) for value in key.values()):
        raise InvalidCursor("The cursor is not one that this list gave.")
    return to_item(key)
