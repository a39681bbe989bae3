"""Nothing is lost silently: queues, dead letters, retries, and an alarm on every one of them."""

from typing import Any

import pytest

from checks.templates import PATHS, Template, load, names_in, target_of

TEMPLATES = [load(path) for path in PATHS]
EACH = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
DAY = 86_400


def each(kind: str) -> Any:
    found = [(template, name) for template in TEMPLATES for name in template.resources(kind)]
    ids = [f"{template.name}-{name}" for template, name in found]
    return pytest.mark.parametrize(("template", "name"), found, ids=ids)


def is_dlq(name: str) -> bool:
    return name.endswith("Dlq")


def policies_for(template: Template, queue: str) -> list[dict[str, Any]]:
    policies = template.resources("SQS::QueuePolicy").values()
    return [
        statement
        for policy in policies
        if {"Ref": queue} in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def senders_of(template: Template) -> set[tuple[str, str, str]]:
    """Queue, AWS service, and the rule or topic that sends there, by the name in the template."""
    senders = set()
    for rule, properties in template.resources("Events::Rule").items():
        for target in properties["Targets"]:
            for arn in (target["Arn"], target.get("DeadLetterConfig", {}).get("Arn")):
                if target_of(arn) in template.resources("SQS::Queue"):
                    senders.add((str(target_of(arn)), "events.amazonaws.com", rule))
    for properties in template.resources("SNS::Subscription").values():
        topic = str(target_of(properties["TopicArn"]))
        for arn in (properties["Endpoint"], properties["RedrivePolicy"]["deadLetterTargetArn"]):
            senders.add((str(target_of(arn)), "sns.amazonaws.com", topic))
    return senders


@each("SQS::Queue")
def test_a_queue_is_encrypted_and_speaks_tls_only(template: Template, name: str) -> None:
    assert template.resources("SQS::Queue")[name]["SqsManagedSseEnabled"] is True
    denied = [it for it in policies_for(template, name) if it["Effect"] == "Deny"]
    assert [it["Condition"] for it in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
    assert [(it["Principal"], it["Action"]) for it in denied] == [("*", "sqs:*")]


@each("SQS::Queue")
def test_who_may_send_is_named_by_arn(template: Template, name: str) -> None:
    for statement in policies_for(template, name):
        if statement["Effect"] == "Allow":
            assert statement["Action"] == "sqs:SendMessage"
            assert list(statement["Principal"]) == ["Service"]
            (condition,) = statement["Condition"].values()
            assert names_in(condition["aws:SourceArn"])


@EACH
def test_every_rule_and_topic_may_send_to_the_queues_it_names(template: Template) -> None:
    for queue, service, sender in senders_of(template):
        allowed = [it for it in policies_for(template, queue) if it["Effect"] == "Allow"]
        granted = [it for it in allowed if it["Principal"] == {"Service": service}]
        assert sender in set().union(*(names_in(it["Condition"]) for it in granted)), (queue, sender)


@each("SQS::Queue")
def test_a_queue_has_dead_letters_that_are_kept_for_a_fortnight(template: Template, name: str) -> None:
    queues = template.resources("SQS::Queue")
    queue = queues[name]
    if is_dlq(name):
        assert queue["MessageRetentionPeriod"] == 14 * DAY
        return
    if name not in consumed_by(template):
        return  # what people read has nobody who could fail at it
    redrive = queue["RedrivePolicy"]
    assert redrive["maxReceiveCount"] >= 3
    dead_letters = queues[str(target_of(redrive["deadLetterTargetArn"]))]
    assert dead_letters.get("FifoQueue", False) == queue.get("FifoQueue", False)
    assert queue["ReceiveMessageWaitTimeSeconds"] == 20


def consumed_by(template: Template) -> dict[str, str]:
    """Queue -> the function that reads it."""
    mappings = template.resources("Lambda::EventSourceMapping").values()
    read = {str(target_of(it["EventSourceArn"])): str(target_of(it["FunctionName"])) for it in mappings}
    return {queue: function for queue, function in read.items() if queue in template.resources("SQS::Queue")}


@each("Lambda::EventSourceMapping")
def test_a_batch_reports_its_failures_one_by_one(template: Template, name: str) -> None:
    mapping = template.resources("Lambda::EventSourceMapping")[name]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@each("Lambda::EventSourceMapping")
def test_a_message_stays_invisible_for_six_tries_of_its_function(template: Template, name: str) -> None:
    mapping = template.resources("Lambda::EventSourceMapping")[name]
    queue, function = str(target_of(mapping["EventSourceArn"])), str(target_of(mapping["FunctionName"]))
    if queue in template.resources("SQS::Queue"):
        window = mapping.get("MaximumBatchingWindowInSeconds", 0)
        least = 6 * template.functions()[function]["Timeout"] + window
        assert template.resources("SQS::Queue")[queue]["VisibilityTimeout"] >= least


@each("Lambda::EventSourceMapping")
def test_a_stream_that_a_function_reads_is_bisected_bounded_and_has_dead_letters(
    template: Template, name: str
) -> None:
    mapping = template.resources("Lambda::EventSourceMapping")[name]
    if target_of(mapping["EventSourceArn"]) in template.resources("DynamoDB::Table"):
        assert mapping["BisectBatchOnFunctionError"] is True
        assert mapping["StartingPosition"] == "TRIM_HORIZON"
        assert mapping["MaximumRetryAttempts"] == -1, "an outage must not lose events"
        assert 0 < mapping["MaximumRecordAgeInSeconds"] < 24 * 3600
        assert is_dlq(str(target_of(mapping["DestinationConfig"]["OnFailure"]["Destination"])))


@each("Events::Rule")
def test_a_target_of_a_rule_is_tried_again_and_has_dead_letters(template: Template, name: str) -> None:
    for target in template.resources("Events::Rule")[name]["Targets"]:
        if template.name == "platform":
            continue  # it only records traffic
        assert target["RetryPolicy"]["MaximumRetryAttempts"] >= 1
        assert is_dlq(str(target_of(target["DeadLetterConfig"]["Arn"])))


@each("SNS::Subscription")
def test_a_subscription_is_raw_filtered_and_has_dead_letters(template: Template, name: str) -> None:
    subscription = template.resources("SNS::Subscription")[name]
    assert subscription["RawMessageDelivery"] is True
    assert subscription["FilterPolicyScope"] == "MessageBody"
    assert is_dlq(str(target_of(subscription["RedrivePolicy"]["deadLetterTargetArn"])))


@each("Pipes::Pipe")
def test_a_pipe_bisects_gives_up_and_has_dead_letters(template: Template, name: str) -> None:
    source = template.resources("Pipes::Pipe")[name]["SourceParameters"]["DynamoDBStreamParameters"]
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["OnPartialBatchItemFailure"] == "AUTOMATIC_BISECT"
    assert source["MaximumRetryAttempts"] == -1, "an outage must not lose events"
    assert 0 < source["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert is_dlq(str(target_of(source["DeadLetterConfig"]["Arn"])))


@each("SQS::Queue")
def test_a_message_in_a_dead_letter_queue_is_an_alarm_to_operations(template: Template, name: str) -> None:
    if not is_dlq(name):
        return
    watched = [
        alarm
        for alarm in template.resources("CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        and names_in(alarm["Dimensions"]) == {name}
    ]
    (alarm,) = watched
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert alarm["AlarmActions"] == [{"Ref": "OperationsTopicArn"}]


@EACH
def test_what_a_function_does_asynchronously_has_somewhere_to_fail_to(template: Template) -> None:
    """Functions that S3 or a rule invokes without waiting: their failures must not end in a log."""
    rules = template.resources("Events::Rule").values()
    by_rule = {target_of(target["Arn"]) for rule in rules for target in rule["Targets"]}
    for name, function in template.functions().items():
        kinds = {event["Type"] for event in function.get("Events", {}).values()}
        if kinds & {"S3", "Schedule", "ScheduleV2", "SNS", "EventBridgeRule"} or name in by_rule:
            config = function.get("EventInvokeConfig", {}).get("DestinationConfig", {})
            assert "OnFailure" in config or "DeadLetterQueue" in function, name
