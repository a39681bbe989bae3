"""Tables: writes follow one another, as they do on an item of DynamoDB.

ministack reads, changes and writes an item without a lock, while tasks of state machines run in threads.
"""

import threading
from typing import Any

from ministack.services import dynamodb

from embedded.overlay import wrap
from embedded.settings import Settings

WRITES = ("_put_item", "_update_item", "_delete_item", "_batch_write_item", "_transact_write_items")

_writing = threading.RLock()


def install(settings: Settings) -> None:
    for name in WRITES:

        @wrap(dynamodb, name, "data")
        def write(original: Any, data: dict[str, Any]) -> Any:
            with _writing:
                return original(data)
