"""Messages of a queue: read, hand to one function, report failures one by one.

What cannot be read goes to the dead-letter queue at once: reading it again would not help.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from secrets import randbelow
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from jetbridge.contracts.envelope import Envelope, EventData, Metadata
from jetbridge.contracts.registry import EVENTS
from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.observability import correlate, count, logger
from jetbridge.runtime.redelivery import Redelivery

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

type OnMessage = Callable[[SQSRecord], None]
type OnEvent = Callable[[Envelope[Any]], None]

_SOON = 5  # seconds


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead-letter queue of what a function consumes: of its queue, or of its stream."""

    sqs: "SQSClient"
    queue_url: str

    def bury(self, record: SQSRecord, reason: str) -> None:
        """Send the message on as it came, the reason beside it. If that fails, SQS delivers it again."""
        self.send(record.body, reason, **self._place(record))

    def send(self, body: str, reason: str, **place: str) -> None:
        self.sqs.send_message(
            QueueUrl=self.queue_url,
            MessageBody=body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:1024]}},
            **place,  # type: ignore[arg-type]
        )

    def _place(self, record: SQSRecord) -> dict[str, str]:
        if not self.queue_url.endswith(".fifo"):
            return {}
        group = record.attributes.message_group_id or record.message_id
        return {"MessageGroupId": group, "MessageDeduplicationId": record.message_id}


def consume(
    event: dict[str, Any],
    context: LambdaContext,
    on_message: OnMessage,
    *,
    dead_letters: DeadLetters,
    redelivery: Redelivery | None = None,
) -> dict[str, Any]:
    """Answer a batch with its failures. On a FIFO queue a failure holds back its own group only.

    With `redelivery`, a failed message of a standard queue says itself when it comes again; and one that met
    others at its items comes again soon, as if it had not been tried.
    """
    fifo = any(record["eventSourceARN"].endswith(".fifo") for record in event["Records"])
    processor = SqsFifoPartialProcessor(skip_group_on_error=True) if fifo else BatchProcessor(EventType.SQS)
    # A batch of failures only is still a list of failures; raising would lose who failed.
    processor.raise_on_entire_batch_failure = False

    read = partial(_read, on_message, dead_letters, redelivery)
    answer = process_partial_response(event=event, record_handler=read, processor=processor, context=context)
    return dict(answer)


def _read(
    on_message: OnMessage, dead_letters: DeadLetters, redelivery: Redelivery | None, record: SQSRecord
) -> None:
    correlate(record.message_id)  # until its body says better, not what the message before it said
    try:
        on_message(record)
    except Unreadable as fault:
        count("UnreadableMessage")
        logger.warning("message buried", message_id=record.message_id, faults=fault.faults)
        dead_letters.bury(record, "; ".join(fault.faults))
    except Exception as fault:
        if redelivery and isinstance(fault, ConcurrentUpdate):
            count("MessagesOvertaken")
            logger.info("others were first", message_id=record.message_id)
            redelivery.send_again(record, 1 + randbelow(_SOON))
            return
        logger.exception("message failed", message_id=record.message_id)
        if redelivery:
            redelivery.postpone(record)
        raise


class Unreadable(Exception):
    """The body of a message is not what its reader expects. `faults` name place and fault, never a value."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def read_body[Model: BaseModel](model: type[Model], body: str) -> Model:
    """Raises Unreadable listing every fault."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = [f"/{'/'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise Unreadable(faults) from None


class _Told(BaseModel):
    metadata: Metadata


class _FromBus(BaseModel):
    detail: dict[str, Any]


def read_event(body: str) -> Envelope[EventData]:
    """The event in a message: raw from the FIFO topic, or the `detail` of what a rule of the bus sent.

    Raises Unreadable for anything that is not an event of the registry.
    """
    try:
        raw = from_json(body)
    except ValueError:
        raise Unreadable(["/: not JSON"]) from None
    if isinstance(raw, dict) and "detail" in raw:
        body = json.dumps(read_body(_FromBus, body).detail)
    name = read_body(_Told, body).metadata.type
    if name not in EVENTS:
        raise Unreadable([f"/metadata/type: unknown event {name!r}"])
    envelope: type[Envelope[EventData]] = Envelope[EVENTS[name]]  # type: ignore[valid-type]
    return read_body(envelope, body)


def consume_events(
    event: dict[str, Any],
    context: LambdaContext,
    on_event: OnEvent,
    *,
    dead_letters: DeadLetters,
    redelivery: Redelivery | None = None,
) -> dict[str, Any]:
    """As `consume`, for a queue that holds events."""

    def on_message(record: SQSRecord) -> None:
        told = read_event(record.body)
        correlate(told.metadata.correlation_id)
        on_event(told)

    return consume(event, context, on_message, dead_letters=dead_letters, redelivery=redelivery)
