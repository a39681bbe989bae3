"""The samples in events/payments/ do what their names say."""

import json

import boto3
import pytest

from payments.adapters.dynamodb import DynamoPayments
from payments.handlers import charge_requests, confirmations, refund_requests
from tests.fakes.payments import FakeProvider
from tests.integration.payments.conftest import TABLE, Aws
from tests.lambda_events import context
from tests.samples import samples_of

sample = samples_of("payments")


@pytest.mark.parametrize("name", ["charge_order", "charge_booking", "charge_by_hand"])
def test_the_samples_of_charges_are_charged(aws: Aws, provider: FakeProvider, name: str) -> None:
    assert charge_requests.handler(sample(name), context()) == {"batchItemFailures": []}
    assert provider.log == ["charged"]


@pytest.mark.parametrize("name", ["refund_order", "refund_booking", "refund_part_of_booking"])
def test_the_samples_of_refunds_void_what_was_never_charged(
    aws: Aws, provider: FakeProvider, name: str
) -> None:
    event = sample(name)
    assert refund_requests.handler(event, context()) == {"batchItemFailures": []}
    reference = json.loads(event["Records"][0]["body"])["orderId"]
    assert DynamoPayments(boto3.client("dynamodb"), TABLE).get(reference).status == "VOIDED"


def test_the_sample_of_an_unreadable_charge_is_buried(aws: Aws, provider: FakeProvider) -> None:
    assert charge_requests.handler(sample("charge_without_amount"), context()) == {"batchItemFailures": []}
    assert len(aws.messages(aws.dead_letters_url)) == 1
    assert provider.asked == []


def test_the_sample_of_a_confirmation_is_noted_once_its_payment_is_there(
    aws: Aws, provider: FakeProvider
) -> None:
    confirmed, charged = sample("note_confirmation"), sample("charge_order")
    first = {"itemIdentifier": confirmed["Records"][0]["messageId"]}
    assert confirmations.handler(confirmed, context()) == {"batchItemFailures": [first]}
    charge_requests.handler(charged, context())
    for _ in range(2):
        assert confirmations.handler(confirmed, context()) == {"batchItemFailures": []}
    reference = json.loads(charged["Records"][0]["body"])["orderId"]
    payment = DynamoPayments(boto3.client("dynamodb"), TABLE).get(reference)
    assert (payment.confirmed_at is not None, payment.status, payment.version) == (True, "CAPTURED", 3)
