"""DynamoPayments keeps the promises of its port."""

import boto3
import pytest

from jetbridge.kernel.errors import ConcurrentUpdate
from payments.adapters.dynamodb import DynamoPayments, PaymentRow, row_of
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from tests.fakes.payments import NOON, request, wanted_back
from tests.integration.payments.conftest import TABLE, Aws

REQUESTED = Payment.begun(request(), PaymentStatus.REQUESTED, NOON)
CAPTURED = REQUESTED.capture("pi_1", NOON)


@pytest.fixture
def payments(aws: Aws) -> DynamoPayments:
    return DynamoPayments(boto3.client("dynamodb"), TABLE)


@pytest.mark.parametrize(
    "payment", [REQUESTED, CAPTURED, REQUESTED.decline("lost", NOON), wanted_back(CAPTURED)]
)
def test_a_payment_comes_back_as_it_was_written(payment: Payment) -> None:
    assert PaymentRow.model_validate(row_of(payment)).to_payment() == payment


def test_the_first_to_begin_a_reference_wins_and_the_others_get_what_is_there(
    payments: DynamoPayments,
) -> None:
    assert payments.begin(REQUESTED) == REQUESTED
    payments.save(CAPTURED)
    voided = Payment.begun(request(), PaymentStatus.VOIDED, NOON)
    assert payments.begin(voided) == CAPTURED
    assert payments.get("order-1") == CAPTURED


def test_a_version_is_written_once(payments: DynamoPayments) -> None:
    payments.begin(REQUESTED)
    payments.save(wanted_back(REQUESTED))
    with pytest.raises(ConcurrentUpdate):
        payments.save(CAPTURED)
    assert payments.get("order-1").status is PaymentStatus.REFUND_REQUESTED


def test_more_than_was_captured_is_never_written_as_refunded(payments: DynamoPayments, aws: Aws) -> None:
    refundable = wanted_back(CAPTURED)
    for payment in (REQUESTED, CAPTURED, refundable):
        payments.begin(payment) if payment is REQUESTED else payments.save(payment)
    aws.dynamodb.update_item(
        TableName=TABLE,
        Key={"reference": {"S": "order-1"}},
        UpdateExpression="SET captured = :less",
        ExpressionAttributeValues={":less": {"N": "1"}},
    )
    with pytest.raises(ConcurrentUpdate):
        payments.save(refundable.give_back(NOON))
