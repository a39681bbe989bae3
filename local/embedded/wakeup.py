"""A write to a stream or a queue wakes every thread that reads one, so that an event travels at once."""

import threading
from typing import Any

from ministack.services import dynamodb, eventbridge, sns, sqs

from embedded.settings import Settings

_written = threading.Condition()


class _Alarm:
    """Stands where ministack's own event stands, and wakes its pollers as before."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def set(self) -> None:
        self._original.set()
        with _written:
            _written.notify_all()


def install(settings: Settings) -> None:
    for producer in (dynamodb, eventbridge, sns, sqs):
        producer.esm_wake = _Alarm(producer.esm_wake)


def wait(seconds: float) -> None:
    """Until something is written anywhere, or the time is over."""
    with _written:
        _written.wait(seconds)
