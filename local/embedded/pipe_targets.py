"""What a pipe does with a batch: filter, enrichment, input template, and one call of the target's API."""

import json
import re
from collections.abc import Callable
from typing import Any

from embedded import identity
from embedded.event_filters import matches
from embedded.json_paths import find

Pipe = dict[str, Any]
DYNAMIC = re.compile(r"\$[.\[]")
PLACEHOLDER = re.compile(r"<([^<>]+)>")
MOST_AT_ONCE = {"events": 10, "sns": 10, "sqs": 10}


class DeliveryFailed(RuntimeError):
    """The target or the enrichment answered, but not with success."""


def matching(pipe: Pipe, records: list[Any]) -> list[Any]:
    """The records that at least one filter lets through; all, if there is no filter."""
    criteria = (pipe.get("SourceParameters") or {}).get("FilterCriteria") or {}
    patterns = [each["Pattern"] for each in criteria.get("Filters") or []]
    return [r for r in records if not patterns or any(matches(_for_filter(r), p) for p in patterns)]


def _for_filter(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "body": _maybe_json(record["body"])} if "body" in record else record


def deliver(pipe: Pipe, records: list[Any]) -> None:
    """Raises when the batch has to be tried again."""
    elements = _enriched(pipe, records)
    if not elements:
        return
    parameters = pipe.get("TargetParameters") or {}
    bodies = [_body(pipe, parameters.get("InputTemplate"), element) for element in elements]
    service = pipe["Target"].split(":")[2]
    if service not in TARGETS:
        raise DeliveryFailed(f"the embedded AWS has no pipe target {service}")
    if len(elements) > (most := MOST_AT_ONCE.get(service, len(elements))):
        raise DeliveryFailed(f"a pipe does not call {service} with {len(elements)} at once, more than {most}")
    TARGETS[service](pipe, parameters, list(zip(elements, bodies, strict=True)))


def _enriched(pipe: Pipe, records: list[Any]) -> list[Any]:
    """The enrichment's list, one element of which becomes one event; nothing, if it answers with nothing."""
    function = pipe.get("Enrichment")
    if not function:
        return records
    if function.split(":")[2] != "lambda":
        raise DeliveryFailed(f"the embedded AWS enriches by Lambda only, not by {function}")
    template = (pipe.get("EnrichmentParameters") or {}).get("InputTemplate")
    payload = "[" + ",".join(_body(pipe, template, record) for record in records) + "]"
    answer = _invoke(pipe, function, payload)
    if not answer:
        return []
    return answer if isinstance(answer, list) else [answer]


def _invoke(pipe: Pipe, function: str, payload: str, invocation: str = "RequestResponse") -> Any:
    answer = identity.client("lambda", pipe["RoleArn"]).invoke(
        FunctionName=function, InvocationType=invocation, Payload=payload.encode()
    )
    body = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise DeliveryFailed(f"{function}: {body.decode()}")
    return json.loads(body) if body else None


def _body(pipe: Pipe, template: str | None, element: Any) -> str:
    """The element itself as JSON (a string as it is), or the template with its placeholders filled in."""
    if not template:
        return json.dumps(element, default=str)

    def fill(placeholder: re.Match[str]) -> str:
        value = _variable(pipe, placeholder[1], element)
        quoted = template[: placeholder.start()].replace('\\"', "").count('"') % 2 == 1
        if not quoted:
            return json.dumps(value, default=str)
        return json.dumps(value if isinstance(value, str) else json.dumps(value, default=str))[1:-1]

    return PLACEHOLDER.sub(fill, template)


def _variable(pipe: Pipe, name: str, element: Any) -> Any:
    known = {
        "aws.pipes.pipe-arn": pipe["Arn"],
        "aws.pipes.pipe-name": pipe["Name"],
        "aws.pipes.source-arn": pipe["Source"],
        "aws.pipes.target-arn": pipe["Target"],
        "aws.pipes.enrichment-arn": pipe.get("Enrichment"),
        "aws.pipes.event": element,
        "aws.pipes.event.json": element,
    }
    return known[name] if name in known else find(element, name)


def resolved(value: Any, element: Any) -> Any:
    """A dynamic path parameter is looked up in the element; anything else stays as it is."""
    if isinstance(value, list):
        return [resolved(each, element) for each in value]
    return find(element, value) if isinstance(value, str) and DYNAMIC.match(value) else value


Elements = list[tuple[Any, str]]


def _to_bus(pipe: Pipe, parameters: dict[str, Any], elements: Elements) -> None:
    bus = parameters.get("EventBridgeEventBusParameters") or {}
    origin = pipe["Source"].split(":")[2]
    entries = [
        {
            "Source": f"Pipe {pipe['Name']}",
            "DetailType": f"Event from aws:{origin}",
            **{
                key: found
                for key in ("Source", "DetailType", "Time", "Resources")
                if key in bus and (found := resolved(bus[key], element)) is not None
            },
            "Detail": body,
            "EventBusName": pipe["Target"],
        }
        for element, body in elements
    ]
    answer = identity.client("events", pipe["RoleArn"]).put_events(Entries=entries)
    if answer["FailedEntryCount"]:
        raise DeliveryFailed(f"PutEvents: {[e for e in answer['Entries'] if 'ErrorCode' in e]}")


def _to_queue(pipe: Pipe, parameters: dict[str, Any], elements: Elements) -> None:
    fifo = parameters.get("SqsQueueParameters") or {}
    entries = [
        {
            "Id": str(i),
            "MessageBody": body,
            **{key: str(resolved(value, element)) for key, value in fifo.items()},
        }
        for i, (element, body) in enumerate(elements)
    ]
    answer = identity.client("sqs", pipe["RoleArn"]).send_message_batch(
        QueueUrl=identity.queue_url(pipe["Target"]), Entries=entries
    )
    if answer.get("Failed"):
        raise DeliveryFailed(f"SendMessageBatch: {answer['Failed']}")


def _to_topic(pipe: Pipe, parameters: dict[str, Any], elements: Elements) -> None:
    client = identity.client("sns", pipe["RoleArn"])
    for _, body in elements:
        client.publish(TopicArn=pipe["Target"], Message=body)


def _to_function(pipe: Pipe, parameters: dict[str, Any], elements: Elements) -> None:
    kind = (parameters.get("LambdaFunctionParameters") or {}).get("InvocationType", "REQUEST_RESPONSE")
    payload = "[" + ",".join(body for _, body in elements) + "]"
    answer = _invoke(
        pipe, pipe["Target"], payload, "Event" if kind == "FIRE_AND_FORGET" else "RequestResponse"
    )
    if isinstance(answer, dict) and answer.get("batchItemFailures"):
        raise DeliveryFailed(f"batchItemFailures: {answer['batchItemFailures']}")


def _to_state_machine(pipe: Pipe, parameters: dict[str, Any], elements: Elements) -> None:
    payload = "[" + ",".join(body for _, body in elements) + "]"
    client = identity.client("stepfunctions", pipe["RoleArn"])
    client.start_execution(stateMachineArn=pipe["Target"], input=payload)


TARGETS: dict[str, Callable[[Pipe, dict[str, Any], Elements], None]] = {
    "events": _to_bus,
    "sqs": _to_queue,
    "sns": _to_topic,
    "lambda": _to_function,
    "states": _to_state_machine,
}


def _maybe_json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text
