"""Intents from WebhooksQueue, as the pipe brings them: what became of each is sent to the listener."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field

from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.dynamodb import from_item
from jetbridge.runtime.observability import count, logger, observed
from jetbridge.runtime.queues import consume, read_body
from payment_provider import bootstrap
from payment_provider.adapters.rows import IntentRow
from payment_provider.handlers.shapes import event_body


class _Images(BaseModel):
    new: dict[str, dict[str, Any]] = Field(alias="NewImage")


class IntentMade(BaseModel):
    """As much of a stream's record as is needed."""

    model_config = ConfigDict(extra="ignore")

    dynamodb: _Images


def _send(record: SQSRecord) -> None:
    made = read_body(IntentMade, record.body)
    intent = IntentRow.model_validate(from_item(made.dynamodb.new)).to_intent()
    now = utc_now()
    bootstrap.webhooks().send(event_body(intent, now), now)
    count("WebhooksSent")
    logger.info("webhook sent", intent=intent.id)


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """What is refused, or not answered, is sent again at growing intervals, and then is a dead letter."""
    return consume(
        event,
        context,
        _send,
        dead_letters=bootstrap.dead_letters(),
        redelivery=bootstrap.redelivery(),
    )
