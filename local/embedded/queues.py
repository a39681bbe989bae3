"""Moving dead-letter messages back: StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask."""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import sqs

from embedded.settings import Settings

Queue = dict[str, Any]


@dataclass
class MoveTask:
    source_arn: str
    destination_arn: str | None
    per_second: int | None
    to_move: int
    status: str = "RUNNING"
    moved: int = 0
    started: int = field(default_factory=lambda: int(time.time() * 1000))
    id: str = field(default_factory=new_uuid)

    @property
    def handle(self) -> str:
        return base64.b64encode(
            json.dumps({"taskId": self.id, "sourceArn": self.source_arn}).encode()
        ).decode()


_tasks: list[MoveTask] = []


def install(settings: Settings) -> None:
    sqs._HANDLERS.update(
        StartMessageMoveTask=_start, ListMessageMoveTasks=_list, CancelMessageMoveTask=_cancel
    )


def _start(data: dict[str, Any], url: str) -> dict[str, Any]:
    source = _queue(data.get("SourceArn", ""))
    arn = source["attributes"]["QueueArn"]
    if not _feeders(arn):
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if any(task.status == "RUNNING" and task.source_arn == arn for task in _tasks):
        raise sqs._Err(
            "AWS.SimpleQueueService.UnsupportedOperation",
            "There is already a task running. "
            "Only one active task is allowed for a source queue arn at a given time.",
        )
    destination = data.get("DestinationArn")
    if destination:
        _queue(destination)
    rate = data.get("MaxNumberOfMessagesPerSecond")
    task = MoveTask(arn, destination, int(rate) if rate else None, len(source["messages"]))
    _tasks.append(task)
    threading.Thread(target=_run, args=(task, source), name="message-move", daemon=True).start()
    return {"TaskHandle": task.handle}


def _list(data: dict[str, Any], url: str) -> dict[str, Any]:
    arn = _queue(data.get("SourceArn", ""))["attributes"]["QueueArn"]
    limit = int(data.get("MaxResults") or 1)
    newest_first = [task for task in reversed(_tasks) if task.source_arn == arn]
    return {"Results": [_view(task) for task in newest_first[:limit]]}


def _view(task: MoveTask) -> dict[str, Any]:
    view = {
        "TaskHandle": task.handle if task.status == "RUNNING" else None,
        "Status": task.status,
        "SourceArn": task.source_arn,
        "DestinationArn": task.destination_arn,
        "MaxNumberOfMessagesPerSecond": task.per_second,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": task.started,
    }
    return {name: value for name, value in view.items() if value is not None}


def _cancel(data: dict[str, Any], url: str) -> dict[str, Any]:
    for task in _tasks:
        if task.handle == data.get("TaskHandle") and task.status == "RUNNING":
            task.status = "CANCELLED"
            return {"ApproximateNumberOfMessagesMoved": task.moved}
    raise sqs._Err("ResourceNotFoundException", "Task does not exist.", 404)


def _queue(arn: str) -> Any:
    found = sqs._queue_by_arn(arn)
    if found is None:
        message = "The resource that you specified for the SourceArn parameter doesn't exist."
        raise sqs._Err("ResourceNotFoundException", message, 404)
    return found


def _feeders(dlq_arn: str) -> list[str]:
    """ARNs of the queues whose redrive policy names this one."""
    found = []
    for (account, region, _), queue in list(sqs._queues.all_items()):
        policy = queue["attributes"].get("RedrivePolicy")
        if (account, region) == (get_account_id(), get_region()) and policy and dlq_arn in policy:
            found.append(queue["attributes"]["QueueArn"])
    return found


def _run(task: MoveTask, source: Queue) -> None:
    while task.status == "RUNNING":
        if not _move_one(task, source):
            task.status = "COMPLETED"
        elif task.per_second:
            time.sleep(1 / task.per_second)


def _move_one(task: MoveTask, source: Queue) -> bool:
    """Move the first visible message to the task's destination, or to where it came from."""
    with sqs._queues_lock:
        now = time.time()
        message = next((m for m in source["messages"] if m["visible_at"] <= now), None)
        if message is None:
            return False
        origin = (message.get("sys") or {}).get("DeadLetterQueueSourceArn")
        feeder = next(iter(_feeders(task.source_arn)), None)
        destination = _existing(task.destination_arn or origin) or _existing(feeder)
        if destination is None:
            task.status = "FAILED"
            return True
        source["messages"].remove(message)
        fresh = {"id": new_uuid(), "receipt_handle": None, "sent_at": now, "visible_at": now}
        moved = {**message, **fresh, "receive_count": 0, "first_receive_at": None}
        moved["sys"] = {
            k: v for k, v in (message.get("sys") or {}).items() if k != "DeadLetterQueueSourceArn"
        }
        destination["messages"].append(moved)
        task.moved += 1
    sqs.esm_wake.set()
    return True


def _existing(arn: str | None) -> Any:
    try:
        return sqs._queue_by_arn(str(parse_arn(arn))) if arn else None
    except ArnParseError:
        return None
