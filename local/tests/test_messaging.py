"""Rules, topics, queues and alarms: permission, dead-letter queues, order, redrive, and alarms that fire."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def stack(deploy: Callable[..., Any]) -> Any:
    return deploy("messaging")


def arn_of(aws: Any, url: str) -> str:
    answer = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def test_a_rule_reaches_what_lets_it_and_the_rest_goes_to_its_dlq(
    aws: Any, stack: Any, messages: Any, until: Any
) -> None:
    entry = {"Source": "tests", "DetailType": "T", "Detail": '{"n": 1}', "EventBusName": stack["Bus"]}
    aws("events").put_events(Entries=[entry])
    (event,) = until(lambda: messages(stack["Delivered"]))
    assert event["detail"] == {"n": 1}
    lost: dict[str, Any] = {}

    def all_lost() -> bool:
        for message in messages(stack["RuleDlq"]):
            attributes = message["_message"]["MessageAttributes"]
            target = attributes["TARGET_ARN"]["StringValue"].rsplit(":", 1)[1]
            lost[target] = (attributes["ERROR_CODE"]["StringValue"], message["detail"])
        return len(lost) == 3

    until(all_lost)
    forbidden = stack["Forbidden"].rsplit("/", 1)[1]
    assert lost == {
        forbidden: ("NO_PERMISSIONS", {"n": 1}),
        "gone": ("RESOURCE_NOT_FOUND", {"n": 1}),
        stack["EchoFunction"]: ("NO_PERMISSIONS", {"n": 1}),
    }
    assert messages(stack["Forbidden"]) == []


def test_a_rule_writes_to_a_log_group(aws: Any, stack: Any, until: Any) -> None:
    detail = json.dumps({"mark": uuid.uuid4().hex})
    entry = {"Source": "tests", "DetailType": "T", "Detail": detail, "EventBusName": stack["Bus"]}
    aws("events").put_events(Entries=[entry])
    logged = until(lambda: aws("logs").filter_log_events(logGroupName=f"/aws/events/{stack.name}")["events"])
    assert json.loads(detail) in [json.loads(each["message"])["detail"] for each in logged]


def test_archive_and_bus_policy_come_from_the_template(aws: Any, stack: Any) -> None:
    archive = aws("events").describe_archive(ArchiveName=stack["Archive"])
    assert archive["EventSourceArn"].endswith(stack["Bus"])
    assert json.loads(archive["EventPattern"]) == {"source": ["tests"]}
    policy = json.loads(aws("events").describe_event_bus(Name=stack["Bus"])["Policy"])
    assert policy["Statement"][0]["Sid"] == "Own"


def publish(aws: Any, stack: Any, body: dict[str, Any], group: str, once: str) -> None:
    aws("sns").publish(
        TopicArn=stack["Topic"], Message=json.dumps(body), MessageGroupId=group, MessageDeduplicationId=once
    )


def test_a_fifo_topic_keeps_order_within_a_group_and_drops_duplicates(
    aws: Any, stack: Any, until: Any
) -> None:
    for n in (1, 2, 2, 3):
        publish(aws, stack, {"kind": "order", "n": n}, "g1", f"order-{n}")
    publish(aws, stack, {"kind": "booking", "n": 9}, "g1", "booking")
    seen: list[tuple[int, str]] = []

    def three() -> bool:
        received = aws("sqs").receive_message(
            QueueUrl=stack["Ordered"], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        )
        for message in received.get("Messages", []):
            seen.append((json.loads(message["Body"])["n"], message["Attributes"]["SequenceNumber"]))
            aws("sqs").delete_message(QueueUrl=stack["Ordered"], ReceiptHandle=message["ReceiptHandle"])
        return len(seen) >= 3

    until(three)
    assert [n for n, _ in seen] == [1, 2, 3]
    assert sorted(number for _, number in seen) == [number for _, number in seen]


def test_what_a_queue_does_not_take_goes_to_the_subscriptions_dlq(
    aws: Any, stack: Any, messages: Any, until: Any
) -> None:
    publish(aws, stack, {"kind": "order", "n": 7}, "g7", uuid.uuid4().hex)
    lost: list[int] = []

    def arrived() -> bool:
        """Behind what other tests have published."""
        lost.extend(message["n"] for message in messages(stack["SubscriptionDlq"]))
        return 7 in lost

    until(arrived)
    assert messages(stack["Closed"]) == []


@pytest.fixture
def dead_letter(aws: Any, stack: Any, until: Any) -> str:
    """A message that is in the DLQ after one failed attempt; its body."""
    body = json.dumps({"id": uuid.uuid4().hex})
    aws("sqs").purge_queue(QueueUrl=stack["WorkDlq"])
    aws("sqs").purge_queue(QueueUrl=stack["Work"])
    aws("sqs").send_message(QueueUrl=stack["Work"], MessageBody=body)
    until(lambda: aws("sqs").receive_message(QueueUrl=stack["Work"]).get("Messages"))

    def in_dlq() -> bool:
        aws("sqs").receive_message(QueueUrl=stack["Work"])
        depth = aws("sqs").get_queue_attributes(
            QueueUrl=stack["WorkDlq"], AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(depth["Attributes"]["ApproximateNumberOfMessages"]) > 0

    until(in_dlq)
    return body


def test_a_message_in_a_dlq_raises_the_alarm_of_that_queue_only(
    aws: Any, stack: Any, dead_letter: str, messages: Any, until: Any
) -> None:
    def states() -> dict[str, str]:
        alarms = aws("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        both = alarms["MetricAlarms"] + alarms["CompositeAlarms"]
        return {each["AlarmName"]: each["StateValue"] for each in both}

    until(lambda: states()[stack["DlqAlarm"]] == "ALARM")
    assert states()[stack["QuietAlarm"]] == "OK"
    until(lambda: states()[stack["EitherAlarm"]] == "ALARM")
    (notice,) = until(lambda: messages(stack["OperationsInbox"]))
    assert json.loads(notice["Message"])["AlarmName"] == stack["DlqAlarm"]


def test_queue_depth_and_age_are_metrics(aws: Any, stack: Any, dead_letter: str, until: Any) -> None:
    name = {"Name": "QueueName", "Value": stack["WorkDlq"].rsplit("/", 1)[1]}

    def listed() -> set[str]:
        found = aws("cloudwatch").list_metrics(Namespace="AWS/SQS", Dimensions=[name])["Metrics"]
        return {each["MetricName"] for each in found}

    wanted = {
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateAgeOfOldestMessage",
    }
    until(lambda: wanted <= listed())


def test_dead_letters_are_moved_back_to_where_they_came_from(
    aws: Any, stack: Any, dead_letter: str, until: Any
) -> None:
    sqs, dlq = aws("sqs"), arn_of(aws, stack["WorkDlq"])
    sqs.start_message_move_task(SourceArn=dlq)

    def finished() -> Any:
        (task,) = sqs.list_message_move_tasks(SourceArn=dlq)["Results"]
        return task if task["Status"] == "COMPLETED" else None

    assert until(finished)["ApproximateNumberOfMessagesMoved"] >= 1
    back: list[str] = []

    def is_back() -> bool:
        received = sqs.receive_message(QueueUrl=stack["Work"], MaxNumberOfMessages=10).get("Messages", [])
        back.extend(message["Body"] for message in received)
        return dead_letter in back

    until(is_back)


@pytest.mark.usefixtures("dead_letter")
def test_a_move_can_be_cancelled(aws: Any, stack: Any) -> None:
    sqs, dlq = aws("sqs"), arn_of(aws, stack["WorkDlq"])
    sqs.send_message_batch(
        QueueUrl=stack["WorkDlq"], Entries=[{"Id": str(i), "MessageBody": "{}"} for i in range(10)]
    )
    handle = sqs.start_message_move_task(
        SourceArn=dlq, DestinationArn=arn_of(aws, stack["Forbidden"]), MaxNumberOfMessagesPerSecond=1
    )["TaskHandle"]
    moved = sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]
    (task, *_) = sqs.list_message_move_tasks(SourceArn=dlq)["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesToMove"]) == ("CANCELLED", 11)
    assert moved < 11


def test_only_dead_letter_queues_can_be_moved(aws: Any, stack: Any) -> None:
    with pytest.raises(ClientError, match="must be configured as a Dead Letter Queue"):
        aws("sqs").start_message_move_task(SourceArn=arn_of(aws, stack["Delivered"]))


def test_an_upload_invokes_the_function_of_its_prefix(
    aws: Any, stack: Any, messages: Any, until: Any
) -> None:
    for key in ("elsewhere/a.csv", "incoming/a b.csv"):
        aws("s3").put_object(Bucket=stack["Files"], Key=key, Body=b"x")
    (event,) = until(lambda: messages(stack["Uploads"]))
    assert [record["s3"]["object"]["key"] for record in event["Records"]] == ["incoming/a+b.csv"]


def test_a_topic_needs_the_functions_permission(aws: Any, stack: Any, emulator: Any, until: Any) -> None:
    aws("sns").publish(TopicArn=stack["UninvitedTopic"], Message="x")
    until(lambda: f"invoke it for {stack['UninvitedTopic']}" in emulator.log.read_text())
