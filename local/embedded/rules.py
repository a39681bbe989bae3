"""Rules and schedules: targets are reached with permission only; what is not reached goes to their DLQ."""

import contextvars
import json
import logging
import time
from collections.abc import Callable
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


Check = Callable[[str, Delivery], None]
PolicyCheck = Callable[[str, str, str], bool]
"""Of a resource, a service and the ARN that it acts for."""


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


def _check_before(name: str, parameters: str, check: Check) -> None:
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
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    delivery = _delivery.get()
    if not function or not config:
        delivery.error = NOT_FOUND, f"Function not found: {arn}"
        return
    if denied := _denied(delivery, "lambda:InvokeFunction", arn, function_policy_allows):
        delivery.error = NO_PERMISSIONS, denied
        return
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
    _refuse(_denied(delivery, "sqs:SendMessage", arn, _queue_allows))


def _refuse_topic(arn: str, delivery: Delivery) -> None:
    if sns._topic_by_arn_any_scope(arn) is None:
        raise NotDelivered(NOT_FOUND, f"Topic does not exist: {arn}")
    _refuse(_denied(delivery, "sns:Publish", arn, _topic_allows))


def _refuse_state_machine(arn: str, delivery: Delivery) -> None:
    if stepfunctions._resolve_state_machine_arn(arn) is None:
        raise NotDelivered(NOT_FOUND, f"State Machine Does Not Exist: '{arn}'")
    _refuse(_denied(delivery, "states:StartExecution", state_machine_of(arn)))


def _refuse_bus(arn: str, delivery: Delivery) -> None:
    _refuse(_denied(delivery, "events:PutEvents", arn))


def _refuse(denied: str | None) -> None:
    if denied:
        raise NotDelivered(NO_PERMISSIONS, denied)


def _denied(
    delivery: Delivery, action: str, arn: str, policy_allows: PolicyCheck | None = None
) -> str | None:
    """Why not. A rule needs the resource's policy, where it has one; a schedule always needs its role."""
    source = delivery.rule.get("Arn", "")
    if policy_allows and ":scheduler:" not in source:
        allowed = policy_allows(arn, PRINCIPAL, source)
        return None if allowed else f"{PRINCIPAL} is not authorized to perform: {action} on {arn}"
    role = delivery.target.get("RoleArn")
    return identity.denial(role, action, arn) if role else f"the target has no RoleArn for {action}"


def _queue_allows(arn: str, service: str, source_arn: str) -> bool:
    return bool(sqs.queue_policy_allows(arn, service, source_arn, get_account_id()))


def _topic_allows(arn: str, service: str, source_arn: str) -> bool:
    return bool(sns.topic_policy_allows(arn, service, source_arn, get_account_id()))


def _give_up(delivery: Delivery, view: Any) -> None:
    """A missing target or permission is not retried by AWS either: the event goes to the DLQ at once."""
    code, message = delivery.error or ("", "")
    rule, target = delivery.rule, delivery.target
    name, dlq = rule.get("Name", ""), (target.get("DeadLetterConfig") or {}).get("Arn")
    logger.warning("rule %s: target %s: %s; to its DLQ: %s", name, target["Arn"], message, dlq)
    cloudwatch.record_metric("AWS/Events", "FailedInvocations", 1, "Count", {"RuleName": name})
    if not dlq:
        return
    if not sqs._queue_by_arn(dlq) or _denied(delivery, "sqs:SendMessage", dlq, _queue_allows):
        logger.error("rule %s: the DLQ %s does not exist or does not let %s send", name, dlq, PRINCIPAL)
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
