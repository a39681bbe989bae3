"""Payments in DynamoDB: one item a reference, key `reference`, every write under a condition."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jetbridge.kernel.clock import to_iso
from jetbridge.kernel.money import Money
from jetbridge.kernel.pages import Page
from jetbridge.runtime.cursors import starting_after, to_cursor
from jetbridge.runtime.dynamodb import Item, Row, conditional, error_code, from_item, read_item, to_item
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment, Refund

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef


_BY_DAY = "by-day"
_PAGE = 50  # payments, each of which is read, and asked for at the provider


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
    confirmed_at: datetime | None = None
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
        "requested_on": payment.requested_at.date().isoformat(),
        "changed_at": to_iso(payment.changed_at),
        "correlation_id": payment.correlation_id,
        "causation_id": payment.causation_id,
        "charge_id": payment.charge_id,
        "captured": payment.captured,
        "refunded": payment.refunded,
        "refunds": [asdict(refund) | {"asked_at": to_iso(refund.asked_at)} for refund in payment.refunds],
        "reason": payment.reason,
        "confirmed_at": to_iso(payment.confirmed_at) if payment.confirmed_at else None,
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
            found: Item = error.response["Item"]  # type: ignore[typeddict-item]
            return PaymentRow.model_validate(from_item(found)).to_payment()
        return payment

    def find(self, reference: str) -> Payment | None:
        item = read_item(self._client, self._table_name, {"reference": reference})
        return PaymentRow.model_validate(item).to_payment() if item else None

    def get(self, reference: str) -> Payment:
        payment = self.find(reference)
        if payment is None:
            raise LookupError(reference)
        return payment

    def requested(self, since: datetime, until: datetime, cursor: str | None) -> Page[Payment]:
        """A page lies within one day; an empty one may be followed by others."""
        day, _, place = (cursor or since.date().isoformat()).partition("|")
        with starting_after(place or None) as start:
            found = self._client.query(
                TableName=self._table_name,
                IndexName=_BY_DAY,
                KeyConditionExpression="requested_on = :day AND requested_at BETWEEN :since AND :until",
                ExpressionAttributeValues=to_item(
                    {":day": day, ":since": to_iso(since), ":until": to_iso(until)}
                ),
                Limit=_PAGE,
                **start,
            )
        keys = (str(from_item(item)["reference"]) for item in found["Items"])
        return Page([self.get(reference) for reference in keys], _next(found, day, until))

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


def _next(found: "QueryOutputTypeDef", day: str, until: datetime) -> str | None:
    if last := to_cursor(found.get("LastEvaluatedKey")):
        return f"{day}|{last}"
    tomorrow = date.fromisoformat(day) + timedelta(days=1)
    return None if tomorrow > until.date() else f"{tomorrow.isoformat()}|"
