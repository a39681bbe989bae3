"""IAM as AWS has it: batch calls are authorized as what they batch, and the loopback counts as TLS."""

import contextvars
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region

from embedded.overlay import replace, wrap
from embedded.settings import Settings

AUTHORIZED_AS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}


def install(settings: Settings) -> None:
    _take_loopback_for_tls()

    @wrap(iam_actions, "extract_iam_action", "service method path headers body query_params")
    def action(original: Any, *request: Any, **named: Any) -> Any:
        found = original(*request, **named)
        return AUTHORIZED_AS.get(found, found)


def _take_loopback_for_tls() -> None:
    """TLS-only policies deny `aws:SecureTransport: false`; nothing but this machine reaches 127.0.0.1."""
    origin = contextvars.ContextVar("origin", default=("127.0.0.1", True))
    iam_evaluator._request_origin = origin

    def pin(source_ip: str, secure_transport: bool) -> None:
        origin.set((source_ip, True))

    replace(app, "pin_request_origin", "source_ip secure_transport", pin)


def function_policy_allows(function_arn: str, service: str, source_arn: str) -> bool:
    """Whether the function's resource policy lets this AWS service invoke it for this source."""
    found = iam_evaluator._resource_policy("lambda", function_arn)
    if found is None:
        return False
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()},
    )
    return bool(
        iam_evaluator.evaluate_resource_policy(found[0], context, service=service).decision == "Allow"
    )
