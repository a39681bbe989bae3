"""Trying again when somebody else was first."""

from collections.abc import Callable

from jetbridge.kernel.errors import ConcurrentUpdate

ATTEMPTS = 8  # then the caller's own retry takes over: contention is never an answer

# Wait before the next attempt, longer with each: pause(0), pause(1), ...
type Pause = Callable[[int], None]


def at_once(_: int) -> None:
    """No pause: for what few write at the same time."""


def again[Result](attempt: Callable[[], Result], *, pause: Pause = at_once) -> Result:
    """Read, decide and write in `attempt`; it is called anew while it raises ConcurrentUpdate."""
    for number in range(ATTEMPTS - 1):
        try:
            return attempt()
        except ConcurrentUpdate:
            pause(number)
    return attempt()
