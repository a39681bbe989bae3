"""Payment events keep their order for both who subscribe, and the provider's word ends what is in doubt."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from checks.templates import ROOT
from jetbridge.contracts.payments import PaymentCaptured, PaymentKind
from sandbox.api import expect, wait_for
from sandbox.deployment import Deployment
from tests.e2e.clients import Clients
from tests.lambda_events import told

pytestmark = pytest.mark.e2e


def named(names: list[str], part: str) -> str:
    (name,) = (name for name in names if part in name)
    return name


@pytest.fixture
def topic(clients: Clients, deployment: Deployment) -> str:
    topics = deployment.client("sns").list_topics()["Topics"]
    return named([each["TopicArn"] for each in topics], ".fifo")


@pytest.fixture(autouse=True)
def orders_queue(deployment: Deployment, clients: Clients) -> Iterator[str]:
    """Empty at first, and left empty: what these tests tell is of no order that there is."""
    sqs = deployment.client("sqs")
    urls = [url for url in sqs.list_queues()["QueueUrls"] if url.endswith(".fifo") and "Dlq" not in url]
    url = named(urls, "Orders")
    sqs.purge_queue(QueueUrl=url)
    yield url
    sqs.purge_queue(QueueUrl=url)


@pytest.fixture
def subscribers(deployment: Deployment, topic: str) -> Iterator[list[str]]:
    """Two queues behind the topic."""
    sns, sqs = deployment.client("sns"), deployment.client("sqs")
    urls, subscriptions = [], []
    for _ in range(2):
        name = f"{uuid4().hex}.fifo"
        url = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        made = sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        urls.append(url)
        subscriptions.append(made["SubscriptionArn"])
    yield urls
    for url, subscription in zip(urls, subscriptions, strict=True):
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)


def received(deployment: Deployment, url: str, count: int) -> list[dict[str, Any]]:
    """What the queue holds, in order: `count` messages, or more if there are more."""
    sqs, found = deployment.client("sqs"), list[dict[str, Any]]()

    def more() -> int:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(found)

    wait_for(more, lambda seen: seen >= count, seconds=30)
    more()
    return found


def publish(deployment: Deployment, topic: str, reference: str, version: int) -> None:
    data = PaymentCaptured.model_validate(
        {"reference": reference, "kind": PaymentKind.ORDER, "total": {"amount": "1.00", "currency": "USD"}}
    )
    event = told(data, version=version, entity_id=reference)
    deployment.client("sns").publish(
        TopicArn=topic,
        Message=json.dumps(event.to_wire()),
        MessageGroupId=reference,
        MessageDeduplicationId=event.metadata.event_id,
    )


def test_a_b_c_a_arrives_as_a_b_c_in_both_queues(
    deployment: Deployment, topic: str, subscribers: list[str]
) -> None:
    reference = uuid4().hex
    for version in (1, 2, 3, 1):
        publish(deployment, topic, reference, version)
    ids = [[it["metadata"]["event_id"] for it in received(deployment, url, 3)] for url in subscribers]
    assert ids[0] == ids[1]
    assert len(ids[0]) == len(set(ids[0])) == 3


def test_the_same_records_of_the_stream_are_told_once(deployment: Deployment, subscribers: list[str]) -> None:
    functions = deployment.client("lambda")
    names = [each["FunctionName"] for each in functions.list_functions(MaxItems=500)["Functions"]]
    sample = (ROOT / "events/payments/changes_to_captured_and_refunded.json").read_text(encoding="utf-8")
    (known,) = {each["dynamodb"]["Keys"]["reference"]["S"] for each in json.loads(sample)["Records"]}
    sample = sample.replace(known, uuid4().hex)  # another test may have told those of the sample just now
    for _ in range(2):
        answer = functions.invoke(FunctionName=named(names, "TellPayments"), Payload=sample)
        assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
    for url in subscribers:
        kinds = [it["metadata"]["type"] for it in received(deployment, url, 2)]
        assert kinds == ["PaymentCaptured", "PaymentRefunded"]


def test_a_failing_message_holds_back_its_own_group_only(
    deployment: Deployment, clients: Clients, topic: str, orders_queue: str
) -> None:
    ghost = f"no-order-{uuid4().hex}"
    for version in (1, 2):
        publish(deployment, topic, ghost, version)
    order = clients.place(clients.stock(1), 1)
    assert clients.order(order)["status"] == "CONFIRMED"
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    asked = deployment.client("sqs").get_queue_attributes(QueueUrl=orders_queue, AttributeNames=names)
    assert sum(int(asked["Attributes"][name]) for name in names) == 2


def test_a_late_result_is_told_by_the_provider_and_operators_alone_compare_the_books(
    clients: Clients,
) -> None:
    order = clients.place(clients.stock(1), 1, "pm_test_late")
    assert clients.order(order)["status"] == "CONFIRMED"
    assert clients.calls(order)["charged"] == 1
    path = "/payments/reconciliations"
    assert clients.as_customer("POST", "payments", path).status == 403
    assert expect(202, clients.as_operator("POST", "payments", path))["reconciliationId"]
