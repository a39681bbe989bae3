"""Metrics that AWS puts by itself: of invocations, API requests, EMF log lines, queues' depth and age."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import _request_account_id, _request_region
from ministack.services import apigateway_v1 as gateway
from ministack.services import cloudwatch, lambda_svc, sqs

from embedded import alarms
from embedded.overlay import replace, wrap
from embedded.settings import Settings

UNCHANGED_SECONDS = 30.0
logger = logging.getLogger("metrics")


def install(settings: Settings) -> None:
    replace(lambda_svc, "_emit_lambda_metrics", "function_name duration_ms error throttle", _count_throttle)

    @wrap(lambda_svc, "_execute_function_dispatch", "func config event request_id started")
    def execute(original: Any, func: Any, config: Any, event: Any, request_id: str, started: float) -> Any:
        result = original(func, config, event, request_id, started)
        milliseconds = (time.time() - started) * 1000
        record_invocation(config.get("FunctionName", ""), milliseconds, failed=bool(result.get("error")))
        record_embedded(result.get("log") or "")
        return {
            **result,
            "request_id": request_id,
            "log": _platform_log(config, request_id, milliseconds, result),
        }

    _count_requests()
    threading.Thread(target=_sample, args=(settings.sample_seconds,), name="metrics", daemon=True).start()


def _count_requests() -> None:
    @wrap(gateway, "_handle_execute_in_scope", "api_id stage_name")
    async def handle(original: Any, api_id: str, stage: str, *request: Any) -> Any:
        started = time.time()
        answer = await original(api_id, stage, *request)
        dimensions = {"ApiName": (gateway._rest_apis.get(api_id) or {}).get("name", ""), "Stage": stage}
        milliseconds = (time.time() - started) * 1000
        cloudwatch.record_metric("AWS/ApiGateway", "Count", 1, "Count", dimensions)
        cloudwatch.record_metric("AWS/ApiGateway", "Latency", milliseconds, "Milliseconds", dimensions)
        for metric, family in (("4XXError", 4), ("5XXError", 5)):
            failed = int(answer[0] // 100 == family)
            cloudwatch.record_metric("AWS/ApiGateway", metric, failed, "Count", dimensions)
        return answer


def _count_throttle(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
    """Every invocation is counted where it runs, wherever it came from; only a throttle never gets there."""
    if throttle:
        cloudwatch.record_metric("AWS/Lambda", "Throttles", 1, "Count", {"FunctionName": function_name})


def record_invocation(name: str, milliseconds: float, failed: bool) -> None:
    dimensions = {"FunctionName": name}
    cloudwatch.record_metric("AWS/Lambda", "Invocations", 1, "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Errors", int(failed), "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Duration", milliseconds, "Milliseconds", dimensions)


def _platform_log(config: Any, request_id: str, milliseconds: float, result: dict[str, Any]) -> str:
    """The function's lines between START, END and REPORT, as the log tail of an invocation has them."""
    duration, memory = f"{milliseconds:.2f} ms", config.get("MemorySize", 128)
    lines = [
        f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}",
        *(result.get("log") or "").splitlines(),
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {duration}\tBilled Duration: {duration}\t"
        f"Memory Size: {memory} MB\tMax Memory Used: {memory} MB",
    ]
    return "\n".join(lines)


def record_embedded(log: str) -> None:
    """Put the metrics of every line in CloudWatch's embedded metric format."""
    for line in log.splitlines():
        if '"_aws"' not in line or "{" not in line:
            continue
        try:
            document = json.loads(line[line.index("{") :])
        except ValueError:
            continue
        for namespace, name, unit, dimensions, value in _embedded(document):
            cloudwatch.record_metric(namespace, name, value, unit, dimensions)


def _embedded(document: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, str], float]]:
    for directive in document["_aws"].get("CloudWatchMetrics", []):
        for metric in directive.get("Metrics", []):
            found = document.get(metric["Name"])
            for names in directive.get("Dimensions") or [[]]:
                dimensions = {name: str(document[name]) for name in names if name in document}
                for value in found if isinstance(found, list) else [found] if found is not None else []:
                    yield (
                        directive["Namespace"],
                        metric["Name"],
                        metric.get("Unit", "None"),
                        dimensions,
                        value,
                    )


def _sample(seconds: float) -> None:
    """A queue's figures whenever they change, and now and then while they do not; then all alarms."""
    last: dict[tuple[str, str], tuple[float, float]] = {}
    while True:
        time.sleep(seconds)
        try:
            for account, region, queue in _queues():
                _request_account_id.set(account)
                _request_region.set(region)
                _sample_queue(queue, last)
            alarms.evaluate_all()
        except Exception:
            logger.exception("sampling")


def _queues() -> list[tuple[str, str, dict[str, Any]]]:
    return [(key[0], key[1], queue) for key, queue in list(sqs._queues.all_items())]


def _sample_queue(queue: dict[str, Any], last: dict[tuple[str, str], tuple[float, float]]) -> None:
    now, name = time.time(), queue["attributes"]["QueueArn"].rsplit(":", 1)[1]
    for metric, unit, value in _figures(list(queue["messages"]), now):
        before, at = last.get((name, metric), (-1.0, 0.0))
        if value != before or now - at > UNCHANGED_SECONDS:
            last[name, metric] = (value, now)
            cloudwatch.record_metric("AWS/SQS", metric, value, unit, {"QueueName": name})


def _figures(messages: list[dict[str, Any]], now: float) -> Iterator[tuple[str, str, float]]:
    waiting = [m for m in messages if m["visible_at"] <= now]
    in_flight = [m for m in messages if m["visible_at"] > now and m.get("receive_count")]
    oldest = min((m["sent_at"] for m in messages), default=now)
    yield "ApproximateNumberOfMessagesVisible", "Count", len(waiting)
    yield "ApproximateNumberOfMessagesNotVisible", "Count", len(in_flight)
    yield "ApproximateNumberOfMessagesDelayed", "Count", len(messages) - len(waiting) - len(in_flight)
    yield "ApproximateAgeOfOldestMessage", "Seconds", int(now - oldest)
