"""Where a page of a DynamoDB query ended, as an opaque text for clients."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from jetbridge.kernel.errors import DomainError
from jetbridge.runtime.dynamodb import error_code, from_item, to_item

_KEY = TypeAdapter(dict[str, str])


class InvalidCursor(DomainError):
    code = "invalid_cursor"


def to_cursor(last_evaluated_key: Mapping[str, Any] | None) -> str | None:
    """None after the last page. Only for keys of text."""
    if not last_evaluated_key:
        return None
    key = json.dumps(from_item(last_evaluated_key), ensure_ascii=False)  # an emoji would be 12 characters
    return base64.urlsafe_b64encode(key.encode()).decode()


@contextmanager
def starting_after(cursor: str | None) -> Iterator[dict[str, Any]]:
    """What to give to the query inside, so that it goes on where the page before ended.

    Raises InvalidCursor for a text that no page of this query gave.
    """
    foreign = InvalidCursor("The cursor is not one that this list gave.")
    try:
        key = _KEY.validate_json(base64.urlsafe_b64decode(cursor)) if cursor else {}
    except ValueError:
        raise foreign from None
    start = {"ExclusiveStartKey": to_item(key)} if key else {}
    try:
        yield start
    except ClientError as error:
        if start and error_code(error) == "ValidationException":
            raise foreign from error
        raise
