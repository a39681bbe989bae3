"""What goes wrong: at the nth stop of an action the process is gone, or somebody else acts meanwhile.

There is a stop before and after every write to a table, every question to the provider and every batch
that is published.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")


class Crash(BaseException):
    """The process is gone. Nothing catches it, as nothing catches the end of a process."""


@dataclass
class Mishaps:
    """`due` counts down the stops until `happen` is called; None: nothing goes wrong."""

    due: int = 0
    happen: Callable[[], None] | None = None

    def stop(self, **_: Any) -> None:
        self.due -= 1
        if self.due == 0 and self.happen:
            happen, self.happen = self.happen, None
            happen()

    @contextmanager
    def planned(self, due: int, happen: Callable[[], None] | None) -> Iterator[None]:
        """Only inside; what it interrupts has had its own."""
        self.due, self.happen = due, happen
        try:
            yield
        finally:
            self.due, self.happen = 0, None

    def watch(self, client: Any) -> None:
        """Stop before and after each write of a DynamoDB client."""
        for operation in _WRITES:
            client.meta.events.register(f"before-call.dynamodb.{operation}", self.stop)
            client.meta.events.register(f"after-call.dynamodb.{operation}", self.stop)


def crash() -> None:
    raise Crash
