"""Several deliveries at once, one step at a time, in an order that the test chooses.

A delivery stops before and after every call of a port. There it is told to go on, or to fail: the process
is gone, the answer is lost, the connection breaks. A delivery that failed is delivered again.
"""

from collections.abc import Callable
from threading import Semaphore, Thread, local
from typing import Any

from jetbridge.kernel.errors import DomainError
from tests.fakes.payments import Fault

_current = local()


class Delivery:
    """One attempt to do `work`, in a thread that runs only between two stops."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.ended = False
        self.failed = False
        self._work = work
        self._unexpected: BaseException | None = None
        self._told_to_fail = False
        self._go, self._stopped = Semaphore(0), Semaphore(0)
        Thread(target=self._run, daemon=True).start()
        self._stopped.acquire()

    def advance(self, *, fail: bool) -> None:
        """To the next stop, or to the end."""
        self._told_to_fail = fail
        self._go.release()
        self._stopped.acquire()
        if self._unexpected is not None:
            raise self._unexpected

    def stop(self) -> None:
        self._stopped.release()
        self._go.acquire()
        if self._told_to_fail:
            raise Fault("told to fail")

    def _run(self) -> None:
        _current.delivery = self
        try:
            self._work()
        except DomainError:
            pass  # a refusal ends the message
        except Fault:
            self.failed = True
        except BaseException as unexpected:
            self._unexpected = unexpected
        self.ended = True
        self._stopped.release()


def stop() -> None:
    """A stop of the delivery that calls this."""
    _current.delivery.stop()


class Stepwise:
    """A port with a stop before and after each call."""

    def __init__(self, port: object) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._port, name)

        def stepwise(*arguments: Any) -> Any:
            stop()
            answer = call(*arguments)
            stop()
            return answer

        return stepwise
