"""What the topic `operations` tells: alarms of imports, the week's summary, differences of payments."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from sandbox.api import expect, upload, wait_for
from sandbox.deployment import STAGE, Deployment
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e


@pytest.fixture
def inbox(deployment: Deployment, clients: Clients) -> Iterator[str]:
    """The URL of a queue that is subscribed to the topic."""
    sqs, sns = deployment.client("sqs"), deployment.client("sns")
    name = f"/jetbridge/{STAGE}/platform/operations-topic-arn"
    topic = deployment.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    url = sqs.create_queue(QueueName=f"operator-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sender = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [sender]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    yield url
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


def heard(deployment: Deployment, inbox: str, text: str) -> dict[str, Any]:
    """The message of the topic that has this text, once it has come."""
    sqs, told = deployment.client("sqs"), []

    def look() -> list[dict[str, Any]]:
        for message in sqs.receive_message(QueueUrl=inbox, WaitTimeSeconds=1).get("Messages", []):
            told.append(json.loads(json.loads(message["Body"])["Message"]))
        return [each for each in told if text in json.dumps(each)]

    found = wait_for(look, bool, seconds=30)
    assert found, f"{text} was not told: {told}"
    return found[0]


def test_an_import_that_fails_raises_its_alarm(deployment: Deployment, clients: Clients, inbox: str) -> None:
    offer = expect(201, clients.as_operator("POST", "inventory", "/inventory/imports", {}))
    upload(offer["upload"]["url"], offer["upload"]["fields"], b"product;amount\nP1;5\n")
    run = clients.ended("inventory", f"/inventory/imports/{offer['importId']}", operator=True)
    assert (run["status"], run["reason"]) == ("FAILED", "header_missing_columns")
    told = heard(deployment, inbox, "FailedImportAlarm")
    assert told["NewStateValue"] == "ALARM"
    alarms = deployment.client("cloudwatch").describe_alarms(AlarmNames=[told["AlarmName"]])
    assert [alarm["StateValue"] for alarm in alarms["MetricAlarms"]] == ["ALARM"]


def test_the_weeks_summary_reaches_operators(deployment: Deployment, clients: Clients, inbox: str) -> None:
    clients.stock(3)
    function = deployment.function("inventory.handlers.summarize_imports.handler")
    deployment.client("lambda").invoke(
        FunctionName=function["FunctionName"], InvocationType="Event", Payload=b"{}"
    )
    told = heard(deployment, inbox, "Imports of stock files")
    assert told["responsePayload"]["imports"]["SUCCEEDED"] >= 1
    assert told["responsePayload"]["rows"]["written"] >= 1


def test_money_kept_for_nothing_and_goods_given_for_nothing_are_reported(
    deployment: Deployment, clients: Clients, inbox: str
) -> None:
    """Two days ago an order was charged and never confirmed, another one confirmed though it was declined."""
    product = clients.stock(2)
    unconfirmed, unpaid = clients.place(product, 1), clients.place(product, 1, "pm_card_chargeDeclined")
    for order_id in (unconfirmed, unpaid):
        clients.order(order_id)
    wait_for(lambda: _payment(deployment, unconfirmed), lambda it: "confirmed_at" in it, seconds=30)
    _change(deployment, unconfirmed, "SET changed_at = :then REMOVE confirmed_at")
    _change(deployment, unpaid, "SET changed_at = :then, confirmed_at = :then")
    expect(202, clients.as_operator("POST", "payments", "/payments/reconciliations"))
    report = heard(deployment, inbox, unpaid)
    kinds = {it["reference"]: (it["kind"], it["healed"]) for it in report["differences"]}
    assert (kinds[unconfirmed], kinds[unpaid]) == (("unconfirmed", False), ("unpaid", False))
    alarm = heard(deployment, inbox, "PaymentDifferencesAlarm")
    assert alarm["NewStateValue"] == "ALARM"


def _payments_table(deployment: Deployment) -> str:
    (name,) = (
        it for it in deployment.client("dynamodb").list_tables()["TableNames"] if "-PaymentsTable-" in it
    )
    return str(name)


def _payment(deployment: Deployment, reference: str) -> dict[str, Any]:
    found: dict[str, Any] = deployment.client("dynamodb").get_item(
        TableName=_payments_table(deployment), Key={"reference": {"S": reference}}
    )["Item"]
    return found


def _change(deployment: Deployment, reference: str, update: str) -> None:
    """Behind the service's back: what the item would be, had it all happened two days ago."""
    then = datetime.now(UTC) - timedelta(days=2)
    deployment.client("dynamodb").update_item(
        TableName=_payments_table(deployment),
        Key={"reference": {"S": reference}},
        UpdateExpression=update.replace("SET ", "SET requested_at = :then, requested_on = :day, "),
        ExpressionAttributeValues={
            ":then": {"S": then.isoformat().replace("+00:00", "Z")},
            ":day": {"S": then.date().isoformat()},
        },
    )
