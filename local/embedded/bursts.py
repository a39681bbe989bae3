"""A burst of invocations waits for warm environments instead of starting one process for each.

AWS has a machine for every environment; here all share a few cores, and forty that start at once are slower
than a few that serve in turn: they would outlast the ten seconds of the init phase. What waits is only later;
a function that waits for itself gets an environment of its own after `PATIENCE` seconds.
"""

import threading
import time
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from embedded.overlay import wrap
from embedded.settings import Settings

ENVIRONMENTS = 8  # of one function, before the next invocation waits
STARTING = 4  # of all functions at once
PATIENCE = 5.0
INIT_SECONDS = 60.0  # a busy machine is not a broken function

_released = threading.Condition()
_starting = threading.BoundedSemaphore(STARTING)


def install(settings: Settings) -> None:
    @wrap(lambda_svc, "acquire_worker", "func_name config code_zip qualifier")
    def acquire(original: Any, name: str, config: dict[str, Any], code: bytes, **named: Any) -> Any:
        key = lambda_runtime._worker_key(name, config, named.get("qualifier", "$LATEST"))
        deadline = time.monotonic() + PATIENCE
        with _released:
            while _all_busy(key) and (left := deadline - time.monotonic()) > 0:
                _released.wait(left)
            return original(name, config, code, **named)

    @wrap(lambda_svc, "release_worker", "worker")
    def release(original: Any, worker: Any) -> None:
        original(worker)
        with _released:
            _released.notify_all()

    @wrap(lambda_runtime.ProvidedWorker, "_spawn", "self init_timeout")
    def spawn(original: Any, worker: Any, init_timeout: float | None = None) -> None:
        with _starting:
            original(worker, init_timeout or INIT_SECONDS)

    _lose_only_what_is_broken()


def _lose_only_what_is_broken() -> None:
    @wrap(lambda_runtime.ProvidedWorker, "invoke", "self event request_id")
    def invoke(original: Any, worker: Any, event: Any, request_id: str, **named: Any) -> dict[str, Any]:
        """An environment that breaks is gone; its siblings, and what they are at, are not."""
        try:
            result: dict[str, Any] = original(worker, event, request_id, **named)
        except Exception as fault:
            _remove(worker)
            kind = getattr(fault, "error_type", "") or "Runtime.Unknown"
            payload = {"errorMessage": str(fault), "errorType": kind}
            return {"status": "error", "error_payload": payload, "error": str(fault)}
        return result


def _remove(worker: Any) -> None:
    with lambda_runtime._lock:
        for workers in lambda_runtime._workers.values():
            if worker in workers:
                workers.remove(worker)
    lambda_runtime.kill_workers([worker])


def _all_busy(key: str) -> bool:
    with lambda_runtime._lock:
        workers = lambda_runtime._workers.get(key, [])
        return len(workers) >= ENVIRONMENTS and all(worker.in_use for worker in workers)
