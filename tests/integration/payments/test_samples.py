"""The samples in events/payments/ do what their names say."""

import json
from pathlib import Path

import boto3
import pytest

from payments.adapters.dynamodb import DynamoPayments
from payments.handlers import charge_requests, refund_requests
from tests.fakes.payments import FakeProvider
from tests.integration.payments.conftest import TABLE, Aws
from tests.lambda_events import context

SAMPLES = Path(__file__).parents[3] / "events/payments"


@pytest.mark.parametrize("name", ["charge_order", "charge_booking", "charge_by_hand"])
def test_the_samples_of_charges_are_charged(aws: Aws, provider: FakeProvider, name: str) -> None:
    event = json.loads((SAMPLES / f"{name}.json").read_text())
    assert charge_requests.handler(event, context()) == {"batchItemFailures": []}
    assert provider.log == ["charged"]


@pytest.mark.parametrize("name", ["refund_order", "refund_booking", "refund_part_of_booking"])
def test_the_samples_of_refunds_void_what_was_never_charged(
    aws: Aws, provider: FakeProvider, name: str
) -> None:
    event = json.loads((SAMPLES / f"{name}.json").read_text())
    assert refund_requests.handler(event, context()) == {"batchItemFailures": []}
    reference = json.loads(event["Records"][0]["body"])["orderId"]
    assert DynamoPayments(boto3.client("dynamodb"), TABLE).get(reference).status == "VOIDED"


def test_the_sample_of_an_unreadable_charge_is_buried(aws: Aws, provider: FakeProvider) -> None:
    event = json.loads((SAMPLES / "charge_without_amount.json").read_text())
    assert charge_requests.handler(event, context()) == {"batchItemFailures": []}
    assert len(aws.messages(aws.dead_letters_url)) == 1
    assert provider.asked == []
