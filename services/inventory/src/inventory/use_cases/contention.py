"""Trying again when somebody else was first."""

from collections.abc import Callable

from inventory.ports import Pause
from jetbridge.kernel.errors import ConcurrentUpdate

ATTEMPTS = 8  # then the message goes back to its queue: contention is never an answer


def again[Result](attempt: Callable[[], Result], *, pause: Pause) -> Result:
    """Read, decide and write in `attempt`; it is called anew while it raises ConcurrentUpdate."""
    for number in range(ATTEMPTS - 1):
        try:
            return attempt()
        except ConcurrentUpdate:
            pause(number)
    return attempt()
