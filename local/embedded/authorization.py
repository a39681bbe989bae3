"""IAM as AWS has it: batch calls are authorized as what they batch, and the loopback counts as TLS."""

import contextvars
import json
import logging
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3, sns

from embedded.overlay import replace, wrap
from embedded.settings import Settings

AUTHORIZED_AS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}


logger = logging.getLogger("authorization")


def install(settings: Settings) -> None:
    _take_loopback_for_tls()
    _ask_functions_for_permission()

    @wrap(iam_actions, "extract_iam_action", "service method path headers body query_params")
    def action(original: Any, *request: Any, **named: Any) -> Any:
        found = original(*request, **named)
        return AUTHORIZED_AS.get(found, found)

    @wrap(
        iam_actions, "extract_resource_arn", "service method path headers body query_params region account_id"
    )
    def resource(
        original: Any, service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any
    ) -> Any:
        """Message move tasks name their queue by ARN."""
        if service == "sqs" and b'"SourceArn"' in (body or b""):
            return json.loads(body)["SourceArn"]
        return original(service, method, path, headers, body, *rest)


def _take_loopback_for_tls() -> None:
    """TLS-only policies deny `aws:SecureTransport: false`; nothing but this machine reaches 127.0.0.1."""
    origin = contextvars.ContextVar("origin", default=("127.0.0.1", True))
    iam_evaluator._request_origin = origin

    def pin(source_ip: str, secure_transport: bool) -> None:
        origin.set((source_ip, True))

    replace(app, "pin_request_origin", "source_ip secure_transport", pin)


def _ask_functions_for_permission() -> None:
    @wrap(s3, "_deliver_event_to_lambda", "arn event_payload bucket_region")
    def from_bucket(original: Any, arn: str, event: dict[str, Any], region: str) -> None:
        sources = [record["s3"]["bucket"]["arn"] for record in event.get("Records", [])]
        if all(_permits(arn, "s3.amazonaws.com", source) for source in sources):
            original(arn, event, region)

    @wrap(sns, "_deliver_to_lambda", "endpoint envelope topic_arn")
    def from_topic(original: Any, function: str, envelope: str, topic: str, *rest: Any) -> None:
        if _permits(function, "sns.amazonaws.com", topic):
            original(function, envelope, topic, *rest)


def _permits(function_arn: str, service: str, source_arn: str) -> bool:
    allowed = function_policy_allows(function_arn, service, source_arn)
    if not allowed:
        logger.warning("%s does not let %s invoke it for %s", function_arn, service, source_arn)
    return allowed


def function_policy_allows(function_arn: str, service: str, source_arn: str) -> bool:
    """Whether the function's resource policy lets this AWS service invoke it for this source."""
    found = iam_evaluator._resource_policy("lambda", function_arn)
    policies = [found[0]] if found else []
    return policies_allow(policies, service, "lambda:InvokeFunction", function_arn, source_arn)


def policies_allow(
    policies: list[Any], service: str, action: str, resource_arn: str, source_arn: str
) -> bool:
    """Whether one of these resource policies lets an AWS service act for `source_arn`."""
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()},
    )
    results = [iam_evaluator.evaluate_resource_policy(each, context, service=service) for each in policies]
    decisions = {result.decision for result in results}
    return "Allow" in decisions and "Deny" not in decisions
