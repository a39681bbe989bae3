"""EventBridge Pipes: a thread per pipe filters, enriches and delivers, with retries, bisection and a DLQ."""

import logging
import threading
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region, set_request_account_id, set_request_region
from ministack.services import pipes
from ministack.services.cloudformation import provisioners

from embedded import pipe_targets, wakeup
from embedded.overlay import replace, wrap
from embedded.pipe_sources import Source, source_of
from embedded.settings import Settings

PARAMETERS = (
    "SourceParameters",
    "Enrichment",
    "EnrichmentParameters",
    "TargetParameters",
    "LogConfiguration",
    "KmsKeyIdentifier",
)
IDLE_SECONDS = 1.0
FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 30.0

Pipe = dict[str, Any]
logger = logging.getLogger("pipes")


def install(settings: Settings) -> None:
    replace(pipes, "_ensure_poller", "", lambda: None)
    _keep_parameters_from_templates()
    _keep_parameters_from_the_api()


def _keep_parameters_from_templates() -> None:
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Pipes::Pipe"]
    original_create, original_update = handlers["create"], handlers["update"]

    def create(logical_id: str, properties: Pipe, *rest: Any) -> Any:
        name, attributes = original_create(logical_id, properties, *rest)
        _configure(name, properties)
        return name, {**attributes, "CurrentState": "RUNNING"}

    def update(physical_id: str, old: Pipe, new: Pipe, *rest: Any) -> Any:
        name, attributes = original_update(physical_id, old, new, *rest)
        _configure(name, new)
        return name, attributes

    handlers.update(create=create, update=update)


def _keep_parameters_from_the_api() -> None:
    @wrap(pipes, "_create_pipe", "name body")
    def create(original: Any, name: str, body: Pipe) -> Any:
        response = original(name, body)
        if response[0] < 400:
            pipe = pipes._pipes[name]
            stream = (body.get("SourceParameters") or {}).get("DynamoDBStreamParameters") or {}
            pipe["StartingPosition"] = stream.get("StartingPosition", "LATEST")
            pipes._positions[pipe["Arn"]] = pipes._initial_position(pipe)
            _configure(name, body)
        return response

    @wrap(pipes, "_update_pipe", "name body")
    def update(original: Any, name: str, body: Pipe) -> Any:
        response = original(name, body)
        if response[0] < 400 and "Target" in body and any(key in body for key in PARAMETERS):
            _configure(name, body)
        return response

    @wrap(pipes, "_describe_response", "pipe")
    def describe(original: Any, pipe: Pipe) -> Any:
        return {**original(pipe), **{key: pipe[key] for key in PARAMETERS if pipe.get(key)}}


def _configure(name: str, properties: Pipe) -> None:
    pipe = pipes._pipes[name]
    pipe.update({key: properties.get(key) for key in PARAMETERS})
    threads = {thread.name for thread in threading.enumerate()}
    if pipe["Arn"] not in threads:
        scope = (get_account_id(), get_region(), name)
        threading.Thread(target=_run, args=scope, name=pipe["Arn"], daemon=True).start()


def _run(account: str, region: str, name: str) -> None:
    set_request_account_id(account)
    set_request_region(region)
    while (pipe := pipes._pipes.get(name)) is not None:
        try:
            if pipe.get("CurrentState") == "RUNNING" and _move_one_batch(pipe):
                continue
        except PermissionError as denied:
            logger.warning("pipe %s: %s", name, denied)
        except Exception:
            logger.exception("pipe %s", name)
        wakeup.wait(IDLE_SECONDS)


def _move_one_batch(pipe: Pipe) -> bool:
    """True if there was something to move."""
    source = source_of(pipe)
    records = source.read()
    if not records:
        return False
    wanted = pipe_targets.matching(pipe, records)
    if _deliver(pipe, source, wanted):
        source.finish(records)
    return True


def _deliver(pipe: Pipe, source: Source, records: list[Any]) -> bool:
    """True when these records are done with: delivered, or given up and put into the DLQ."""
    attempt = 0
    while records and pipes._pipes.get(pipe["Name"]) is pipe:
        try:
            pipe_targets.deliver(pipe, records)
            return True
        except Exception as failure:
            logger.warning(
                "pipe %s: %d record(s), attempt %d: %s", pipe["Name"], len(records), attempt, failure
            )
            if source.retries_itself:
                return False
            if len(records) > 1 and source.bisects:
                half = len(records) // 2
                return _deliver(pipe, source, records[:half]) and _deliver(pipe, source, records[half:])
            if source.gives_up_after(attempt, records):
                source.send_to_dlq(records)
                return True
            time.sleep(min(FIRST_BACKOFF_SECONDS * 2**attempt, LONGEST_BACKOFF_SECONDS))
            attempt += 1
    return not records
