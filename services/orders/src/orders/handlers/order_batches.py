"""Partners' batches, from their queue: each order is placed as POST /orders places it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from jetbridge.kernel.errors import ConcurrentUpdate, DomainError
from jetbridge.runtime.http import RequestBody
from jetbridge.runtime.idempotency import KEY_STATUSES
from jetbridge.runtime.json_text import read_json
from jetbridge.runtime.observability import correlate, count, observed
from jetbridge.runtime.problems import malformed, problem, refused
from jetbridge.runtime.queues import Unreadable, consume
from orders import bootstrap
from orders.domain.batches import MAX_ORDERS, Batch, BatchStatus, Outcome
from orders.handlers.placing import Asker, PlaceOrderBody, Text, place_once
from orders.use_cases.batches import settle_batch

MAX_FAULTS = 100  # listed of one order
_EPOCH = datetime.fromtimestamp(0, UTC)
_TOKEN = TypeAdapter(Text)


class BatchBody(RequestBody):
    """Each of `orders` is read as a BatchOrderBody, one by one."""

    orders: Annotated[list[Any], Field(min_length=1, max_length=MAX_ORDERS)]


class BatchOrderBody(PlaceOrderBody):
    """There is no header that could hold its key."""

    request_token: Text


class Sender(BaseModel):
    """What API Gateway says beside the body; no client can write it."""

    batch_id: Annotated[str, Field(min_length=1)]
    customer_id: Annotated[str, Field(min_length=1)]
    username: str
    correlation_id: str


def place_batch(context: LambdaContext, record: SQSRecord) -> None:
    sender = _sender_of(record)
    correlate(sender.correlation_id)
    batch, orders = _read(sender, record)
    asker = Asker(sender.customer_id, sender.username, sender.correlation_id)
    outcomes = settle_batch(
        batch, lambda position: _settle(orders[position], asker, context), batches=bootstrap.batches()
    )
    refusals = sum(outcome.status is BatchStatus.REFUSED for outcome in outcomes)
    count("BatchOrdersRefused", refusals)


def _sender_of(record: SQSRecord) -> Sender:
    attributes = record["messageAttributes"].items()
    told = {name: attribute.get("stringValue") for name, attribute in attributes}
    try:
        return Sender.model_validate(told)
    except ValidationError as error:
        places = {str(fault["loc"][0]) for fault in error.errors()}
        raise Unreadable([f"no message attribute {place}" for place in sorted(places)]) from None


def _read(sender: Sender, record: SQSRecord) -> tuple[Batch, Sequence[Any]]:
    """The batch, and its orders as they were sent; one that cannot be read has none, and a problem."""
    received_at = _EPOCH + timedelta(milliseconds=int(record.attributes.sent_timestamp))
    made = partial(Batch, sender.batch_id, sender.customer_id, received_at)
    try:
        orders = BatchBody.model_validate(read_json(record.body)).orders
    except json.JSONDecodeError:
        unread = problem(HTTPStatus.BAD_REQUEST, "invalid_request", "The body is not JSON that we can read.")
        return made(0, unread.body), ()
    except ValidationError as error:
        return made(0, _malformed(error).body), ()
    return made(len(orders)), orders


def _settle(sent: Any, asker: Asker, context: LambdaContext) -> Outcome:
    """Raises ConcurrentUpdate while another request with this order's token is running."""
    token = _token_of(sent)
    answer = _answer(sent, asker, context)
    told = json.loads(answer.body or "")
    if answer.status_code == HTTPStatus.ACCEPTED:
        return Outcome(token, order_id=told["orderId"])
    if told["code"] == "request_in_progress":
        raise ConcurrentUpdate(token or "")
    return Outcome(token, problem=answer.body)


def _token_of(sent: Any) -> str | None:
    """What its partner knows the order by, also if it is refused; None for what no token can be."""
    try:
        return _TOKEN.validate_python(sent.get("requestToken") if isinstance(sent, dict) else None)
    except ValidationError:
        return None


def _answer(sent: Any, asker: Asker, context: LambdaContext) -> Response[str]:
    try:
        return place_once(BatchOrderBody.model_validate(sent), asker, header=None, context=context)
    except ValidationError as error:
        return _malformed(error)
    except DomainError as refusal:
        return refused(refusal, KEY_STATUSES)


def _malformed(error: ValidationError) -> Response[str]:
    faults = error.errors(include_url=False, include_context=False)[:MAX_FAULTS]
    return malformed([{**fault, "loc": ("body", *fault["loc"])} for fault in faults])


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return consume(event, context, partial(place_batch, context), dead_letters=bootstrap.dead_letters())
