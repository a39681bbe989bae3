"""Payments in DynamoDB: one item a reference, key `reference`, every write under a condition."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.money import Money
from jetbridge.runtime.dynamodb import Item, Row, conditional, error_code, from_item, to_item
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment, Refund

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class RefundRow(Row):
    number: int
    causation_id: str
    minor: int
    asked_at: datetime
    given: bool


class PaymentRow(Row):
    """The item as it is stored; amounts in minor units of `currency`."""

    reference: str
    kind: str
    customer_id: str
    amount: int
    currency: str
    payment_method: str
    status: PaymentStatus
    requested_at: datetime
    changed_at: datetime
    correlation_id: str
    causation_id: str
    charge_id: str | None = None
    captured: int
    refunded: int
    refunds: tuple[RefundRow, ...] = ()
    reason: str | None = None
    version: int

    def to_payment(self) -> Payment:
        values = self.model_dump(exclude={"amount", "currency", "refunds"})
        refunds = tuple(Refund(**refund.model_dump()) for refund in self.refunds)
        return Payment(amount=Money(self.amount, self.currency), refunds=refunds, **values)


def row_of(payment: Payment) -> dict[str, object]:
    """Plain values; no float, and times as text that sorts by time."""
    return {
        "reference": payment.reference,
        "kind": payment.kind,
        "customer_id": payment.customer_id,
        "amount": payment.amount.minor,
        "currency": payment.amount.currency,
        "payment_method": payment.payment_method,
        "status": payment.status,
        "requested_at": to_iso(payment.requested_at),
        "changed_at": to_iso(payment.changed_at),
        "correlation_id": payment.correlation_id,
        "causation_id": payment.causation_id,
        "charge_id": payment.charge_id,
        "captured": payment.captured,
        "refunded": payment.refunded,
        "refunds": [asdict(refund) | {"asked_at": to_iso(refund.asked_at)} for refund in payment.refunds],
        "reason": payment.reason,
        "version": payment.version,
    }


class DynamoPayments:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def begin(self, payment: Payment) -> Payment:
        try:
            self._client.put_item(
                TableName=self._table_name,
                Item=to_item(row_of(payment)),
                ConditionExpression="attribute_not_exists(#reference)",
                ExpressionAttributeNames={"#reference": "reference"},  # a reserved word
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return _payment_of(error.response["Item"])  # type: ignore[typeddict-item]
        return payment

    def find(self, reference: str) -> Payment | None:
        found = self._client.get_item(
            TableName=self._table_name, Key=to_item({"reference": reference}), ConsistentRead=True
        )
        return _payment_of(found["Item"]) if "Item" in found else None

    def get(self, reference: str) -> Payment:
        payment = self.find(reference)
        if payment is None:
            raise LookupError(reference)
        return payment

    def save(self, payment: Payment) -> None:
        with conditional(payment.reference):
            self._client.put_item(
                TableName=self._table_name,
                Item=to_item(row_of(payment)),
                ConditionExpression="version = :seen AND captured >= :refunded",
                ExpressionAttributeValues=to_item(
                    {":seen": payment.version - 1, ":refunded": payment.refunded}
                ),
            )


def _payment_of(item: Item) -> Payment:
    return PaymentRow.model_validate(from_item(item)).to_payment()
