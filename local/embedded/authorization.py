"""IAM as AWS names it: a batch call is authorized as the call that it batches."""

from typing import Any

from ministack.core import iam_actions

from embedded.overlay import wrap
from embedded.settings import Settings

AUTHORIZED_AS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}


def install(settings: Settings) -> None:
    @wrap(iam_actions, "extract_iam_action", "service method path headers body query_params")
    def action(original: Any, *request: Any, **named: Any) -> Any:
        found = original(*request, **named)
        return AUTHORIZED_AS.get(found, found)
