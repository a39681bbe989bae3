"""Topics: what a queue does not take goes to the subscription's DLQ, and FIFO queues number what they get."""

import json
import logging
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import sns, sqs

from embedded.overlay import wrap
from embedded.settings import Settings

PRINCIPAL = "sns.amazonaws.com"

logger = logging.getLogger("sns.delivery")


def install(settings: Settings) -> None:
    @wrap(sns, "_deliver_to_sqs", "endpoint envelope raw raw_message message_group_id message_dedup_id")
    def deliver(original: Any, endpoint: str, *rest: Any, **named: Any) -> None:
        topic = named.get("topic_arn", "")
        queue = sqs._queue_by_arn(endpoint)
        if queue is None or not sqs.queue_policy_allows(endpoint, PRINCIPAL, topic, get_account_id()):
            dlq = _dead_letter_queue(topic, endpoint)
            logger.warning("topic %s cannot send to %s; to its DLQ: %s", topic, endpoint, dlq)
            if dlq:
                original(dlq, *rest, **named)
            return
        original(endpoint, *rest, **named)
        if queue["is_fifo"]:
            queue["fifo_seq"] += 1
            queue["messages"][-1]["seq"] = str(queue["fifo_seq"]).zfill(20)


def _dead_letter_queue(topic_arn: str, endpoint: str) -> str | None:
    topic = sns._topics.get(topic_arn) or {"subscriptions": []}
    for subscription in topic["subscriptions"]:
        policy = subscription.get("attributes", {}).get("RedrivePolicy")
        if subscription.get("endpoint") == endpoint and policy:
            return str(json.loads(policy)["deadLetterTargetArn"])
    return None
