"""An import in which one call to AWS goes wrong: each of them in turn, in each way that a call can.

Around the functions all is in memory: Lambda invokes the reader again after a fault, the queue delivers again
what is not acknowledged.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError, ResponseStreamingError

from inventory.handlers import row_packs, stock_files
from tests.lambda_events import context, failed, sqs

DELIVERIES = 3  # as the templates have it
BATCH = 2  # messages

type Call = Callable[..., Any]  # what changes its parameters as keywords
type Fault = Callable[[Call, dict[str, Any]], Any]


class Killed(BaseException):
    """The process is gone. Nothing catches it."""


def never_arrives(call: Call, _: dict[str, Any]) -> Any:
    raise EndpointConnectionError(endpoint_url="https://aws")


def answer_is_lost(call: Call, _: dict[str, Any]) -> Any:
    call()
    raise ReadTimeoutError(endpoint_url="https://aws")


def runs_twice(call: Call, given: dict[str, Any]) -> Any:
    """The first answer was lost, and the SDK has asked again."""
    call()
    if "Body" in given:
        given["Body"].seek(0)
    return call()


def killed_after(call: Call, _: dict[str, Any]) -> Any:
    call()
    raise Killed


def half_done(call: Call, given: dict[str, Any]) -> Any:
    """What comes in parts comes in part: a body breaks off, entries are refused, keys are left over."""
    if entries := given.get("Entries"):
        answer = call(Entries=entries[1:])
        return answer | {
            "Failed": [{"Id": entries[0]["Id"], "SenderFault": False, "Code": "ServiceUnavailable"}]
        }
    answer = call()
    if "Body" in answer:
        answer["Body"] = _Breaking(answer["Body"])
    if "UnprocessedKeys" in answer:
        ((table, asked),) = given["RequestItems"].items()
        return call(RequestItems={table: asked | {"Keys": asked["Keys"][1:]}}) | {
            "UnprocessedKeys": {table: asked | {"Keys": asked["Keys"][:1]}}
        }
    if "UnprocessedItems" in answer:
        answer["UnprocessedItems"] = given["RequestItems"]
    return answer


FAULTS: list[Fault] = [never_arrives, answer_is_lost, runs_twice, killed_after, half_done]
IN_PARTS = {"BatchGetItem", "BatchWriteItem", "GetObject", "SendMessageBatch"}  # all that half_done changes


class _Breaking:
    """The body of an object whose connection breaks after a few bytes."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        yield self._body.read(60)
        raise ResponseStreamingError(error="the connection broke")

    def read(self, size: int = -1) -> bytes:
        raise ResponseStreamingError(error="the connection broke")


@dataclass
class Surroundings:
    """Call number `at` of the functions meets `fault`. With `again` all that is delivered comes twice."""

    fault: Fault | None = None
    at: int = -1
    again: bool = False
    calls: list[str] = field(default_factory=list)
    _events: list[dict[str, Any]] = field(default_factory=list)  # for the reader
    _messages: list[str] = field(default_factory=list)
    _inside: bool = False
    _last: BaseException | None = None  # for who reads a failure

    @contextmanager
    def watching(self, patch: pytest.MonkeyPatch) -> Iterator[None]:
        real = BaseClient._make_api_call  # type: ignore[attr-defined]

        def watched(client: Any, operation: str, given: dict[str, Any]) -> Any:
            def call(**changed: Any) -> Any:
                return self._take(operation, given | changed) or real(client, operation, given | changed)

            if not self._inside:
                return real(client, operation, given)
            self.calls.append(operation)
            meets = self.fault if len(self.calls) - 1 == self.at else None
            return meets(call, given) if meets else call()

        with patch.context() as patched:
            patched.setattr(BaseClient, "_make_api_call", watched)
            yield

    def _take(self, operation: str, given: dict[str, Any]) -> Any:
        """What goes to the queue and to the next reader stays in memory."""
        if operation == "SendMessageBatch":
            self._messages += [entry["MessageBody"] for entry in given["Entries"]]
            return {"Successful": [{"Id": entry["Id"]} for entry in given["Entries"]]}
        if operation == "Invoke":
            self._events.append(json.loads(given["Payload"]))
            return {"StatusCode": 202}
        return None

    def run(self, event: dict[str, Any]) -> None:
        """Until nothing is on its way any more. Fails if something would end as a dead letter."""
        self._events.append(event)
        while self._events or self._messages:
            while self._events:
                self._read(self._events.pop(0))
            batch, self._messages = self._messages[:BATCH], self._messages[BATCH:]
            if batch:
                self._write(batch)

    def _read(self, event: dict[str, Any]) -> None:
        """Always near its time limit: it hands over after each call to the queue."""
        deliveries = (
            self._invoke(stock_files.handler, event, context(seconds=60)) for _ in range(DELIVERIES)
        )
        assert any(done is not None for done in deliveries), f"the event is a dead letter: {self._last!r}"
        if self.again:
            self._invoke(stock_files.handler, event, context(seconds=60))

    def _write(self, bodies: list[str]) -> None:
        for _ in range(DELIVERIES):
            batch = sqs(*bodies)
            answer = self._invoke(row_packs.handler, batch, context())
            if answer is not None and not self.again:
                bodies = [bodies[number] for number in failed(answer["answer"], batch)]
            if not bodies:
                return
        assert self.again, f"messages are dead letters: {self._last!r}"

    def _invoke(self, handler: Any, event: dict[str, Any], lambda_context: Any) -> dict[str, Any] | None:
        """What it answered; None if it failed."""
        self._inside = True
        try:
            return {"answer": handler(event, lambda_context)}
        except (Killed, Exception) as fault:
            self._last = fault
            return None
        finally:
            self._inside = False
