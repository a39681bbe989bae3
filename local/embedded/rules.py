"""EventBridge rules: targets are reached with permission only; what is not reached goes to the rule's DLQ."""

import contextvars
import json
import logging
import time
from dataclasses import dataclass
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id
from ministack.services import cloudwatch, cloudwatch_logs, eventbridge, lambda_svc, sns, sqs, stepfunctions

from embedded import identity
from embedded.authorization import function_policy_allows, policies_allow
from embedded.overlay import replace, wrap
from embedded.settings import Settings
from embedded.state_machine_roles import state_machine_of

PRINCIPAL = "events.amazonaws.com"
NO_PERMISSIONS, NOT_FOUND = "NO_PERMISSIONS", "RESOURCE_NOT_FOUND"

logger = logging.getLogger("events.rules")


@dataclass
class Delivery:
    """One event on its way to one target."""

    rule: dict[str, Any]
    target: dict[str, Any]
    error: tuple[str, str] | None = None


class NotDelivered(Exception):
    """With AWS's ERROR_CODE and a message."""


_delivery: contextvars.ContextVar[Delivery] = contextvars.ContextVar("delivery")


def install(settings: Settings) -> None:
    replace(eventbridge, "_dispatch_to_lambda", "arn payload", _to_function)
    for name, parameters, check in (
        ("_dispatch_to_sqs", "spec payload sqs_parameters", _refuse_queue),
        ("_dispatch_to_sns", "arn payload", _refuse_topic),
        ("_dispatch_to_stepfunctions", "arn payload", _refuse_state_machine),
        ("_dispatch_to_event_bus", "spec event rule", _refuse_bus),
    ):
        _check_before(name, parameters, check)

    @wrap(eventbridge, "_invoke_target", "target event rule view")
    def invoke(original: Any, target: Any, event: Any, rule: Any, view: Any = None) -> None:
        delivery = Delivery(rule, target)
        view = view or eventbridge._pattern_event_view(event)
        if target["Arn"].split(":")[2] == "logs":
            _to_log_group(delivery, json.dumps(view.event_with_detail()))
            return
        token = _delivery.set(delivery)
        try:
            original(target, event, rule, view)
        finally:
            _delivery.reset(token)
        if delivery.error:
            _give_up(delivery, view)


def _check_before(name: str, parameters: str, check: Any) -> None:
    @wrap(eventbridge, name, parameters)
    def dispatch(original: Any, first: Any, *rest: Any) -> None:
        delivery = _delivery.get()
        try:
            check(str(first), delivery)
        except NotDelivered as failure:
            delivery.error = failure.args[0], failure.args[1]
            return
        original(first, *rest)


def _to_function(arn: str, payload: str) -> None:
    delivery = _delivery.get()
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if not function or not config:
        delivery.error = NOT_FOUND, f"Function not found: {arn}"
    elif not function_policy_allows(arn, PRINCIPAL, delivery.rule.get("Arn", "")):
        delivery.error = (
            NO_PERMISSIONS,
            f"{PRINCIPAL} is not authorized to perform: lambda:InvokeFunction on {arn}",
        )
    else:
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def _to_log_group(delivery: Delivery, message: str) -> None:
    arn, name = delivery.target["Arn"].removesuffix(":*"), delivery.rule.get("Name", "")
    group = cloudwatch_logs._log_groups.get(arn.split(":", 6)[6])
    policies = [each["policyDocument"] for each in cloudwatch_logs._resource_policies.values()]
    stream = f"{arn}:log-stream:{name}"
    if not group or not policies_allow(
        policies, PRINCIPAL, "logs:PutLogEvents", stream, delivery.rule["Arn"]
    ):
        logger.warning("rule %s: %s does not exist or does not let %s write", name, arn, PRINCIPAL)
        return
    now = int(time.time() * 1000)
    times = dict.fromkeys(("firstEventTimestamp", "lastEventTimestamp", "lastIngestionTime"))
    empty: dict[str, Any] = {"events": [], "uploadSequenceToken": "1", "creationTime": now, **times}
    kept = group["streams"].setdefault(name, empty)
    cloudwatch_logs._append_log_events(kept, [{"timestamp": now, "message": message, "ingestionTime": now}])


def _refuse_queue(arn: str, delivery: Delivery) -> None:
    if not sqs._queue_by_arn(arn):
        raise NotDelivered(NOT_FOUND, f"The specified queue does not exist: {arn}")
    if not _queue_allows(arn, delivery.rule):
        raise NotDelivered(
            NO_PERMISSIONS, f"{PRINCIPAL} is not authorized to perform: sqs:SendMessage on {arn}"
        )


def _refuse_topic(arn: str, delivery: Delivery) -> None:
    if sns._topic_by_arn_any_scope(arn) is None:
        raise NotDelivered(NOT_FOUND, f"Topic does not exist: {arn}")
    if not sns.topic_policy_allows(arn, PRINCIPAL, delivery.rule.get("Arn", ""), get_account_id()):
        raise NotDelivered(NO_PERMISSIONS, f"{PRINCIPAL} is not authorized to perform: sns:Publish on {arn}")


def _refuse_state_machine(arn: str, delivery: Delivery) -> None:
    if stepfunctions._resolve_state_machine_arn(arn) is None:
        raise NotDelivered(NOT_FOUND, f"State Machine Does Not Exist: '{arn}'")
    _refuse_role(delivery, "states:StartExecution", state_machine_of(arn))


def _refuse_bus(arn: str, delivery: Delivery) -> None:
    _refuse_role(delivery, "events:PutEvents", arn)


def _refuse_role(delivery: Delivery, action: str, arn: str) -> None:
    role = delivery.target.get("RoleArn")
    denied = identity.denial(role, action, arn) if role else f"the target has no RoleArn for {action}"
    if denied:
        raise NotDelivered(NO_PERMISSIONS, denied)


def _queue_allows(queue_arn: str, rule: dict[str, Any]) -> bool:
    return bool(sqs.queue_policy_allows(queue_arn, PRINCIPAL, rule.get("Arn", ""), get_account_id()))


def _give_up(delivery: Delivery, view: Any) -> None:
    """A missing target or permission is not retried by AWS either: the event goes to the DLQ at once."""
    code, message = delivery.error or ("", "")
    rule, target = delivery.rule, delivery.target
    logger.warning("rule %s: target %s: %s", rule.get("Name"), target["Arn"], message)
    cloudwatch.record_metric(
        "AWS/Events", "FailedInvocations", 1, "Count", {"RuleName": rule.get("Name", "")}
    )
    dlq = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not dlq:
        return
    if not sqs._queue_by_arn(dlq) or not _queue_allows(dlq, rule):
        logger.error(
            "rule %s: the DLQ %s does not exist or does not let %s send", rule.get("Name"), dlq, PRINCIPAL
        )
        return
    attributes = {
        "RULE_ARN": rule.get("Arn", ""),
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message,
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "0",
    }
    request = {
        "MessageBody": json.dumps(view.event_with_detail()),
        "MessageAttributes": {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()},
    }
    sqs._act_send_message(request, identity.queue_url(str(parse_arn(dlq))))
