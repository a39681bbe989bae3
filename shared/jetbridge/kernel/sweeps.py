"""Doing the same to many, none of which waits for another."""

from collections.abc import Callable, Iterable

from jetbridge.kernel.errors import ConcurrentUpdate

# Asked before each: whether there is time for it. The next sweep begins where this one ended.
type GoingOn = Callable[[], bool]


def sweep[Each, Done](
    many: Iterable[Each], do: Callable[[Each], Done | None], *, going_on: GoingOn, failed: str
) -> list[Done]:
    """What `do` gave for each, without None. One that somebody else is at is left for the next time.

    Faults keep nobody waiting: they are raised at the end, as one ExceptionGroup that says `failed`.
    """
    done: list[Done] = []
    faults: list[Exception] = []
    for each in many:
        if not going_on():
            break
        try:
            result = do(each)
        except ConcurrentUpdate:
            continue
        except Exception as fault:
            faults.append(fault)
        else:
            done += [] if result is None else [result]
    if faults:
        raise ExceptionGroup(failed, faults)
    return done
