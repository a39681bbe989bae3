"""The samples in events/payment_provider/ do what their names say."""

from typing import Any

import boto3
import pytest

from payment_provider.handlers import (
    calls,
    create_payment_intent,
    create_refund,
    delete_transfer,
    get_payment_intent,
    list_payment_intents,
    list_refunds,
    put_transfer,
)
from tests.integration.payment_provider.conftest import Api
from tests.lambda_events import context
from tests.samples import names_of_samples, samples_of

sample = samples_of("payment_provider")

EXPECTED: dict[str, tuple[Any, int]] = {
    "post_payment_intent": (create_payment_intent, 200),
    "post_payment_intent_declined": (create_payment_intent, 402),
    "post_payment_intent_unauthorized": (create_payment_intent, 401),
    "post_refund": (create_refund, 400),
    "get_payment_intent": (get_payment_intent, 404),
    "list_payment_intents": (list_payment_intents, 200),
    "list_refunds": (list_refunds, 200),
    "get_calls": (calls, 200),
    "put_transfer": (put_transfer, 200),
    "delete_transfer": (delete_transfer, 200),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_answered(api: Api, name: str) -> None:
    function, status = EXPECTED[name]
    boto3.client("secretsmanager").put_secret_value(
        SecretId=api.secret_arn, SecretString="the-secret-of-your-stage"
    )
    assert function.handler(sample(name), context())["statusCode"] == status


def test_every_sample_is_tried() -> None:
    assert names_of_samples("payment_provider") == {*EXPECTED, "send_webhook"}
