"""Transfers in the ledger's table, each change in one transaction with the call that made it."""

from typing import TYPE_CHECKING

from jetbridge.runtime.dynamodb import Row, from_item, to_item, transact
from payment_provider.adapters.rows import call_row
from payment_provider.domain.cards import Call
from payment_provider.domain.transfers import Transfer, TransferStatus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class TransferRow(Row):
    reference: str
    pickup: str
    status: TransferStatus
    asked: int
    version: int

    def to_transfer(self) -> Transfer:
        return Transfer(**self.model_dump())


def _id(reference: str) -> str:
    return f"tr_{reference}"


class DynamoTransfers:
    def __init__(self, client: "DynamoDBClient", ledger: str, calls: str) -> None:
        self._client = client
        self._ledger = ledger
        self._calls = calls

    def get(self, reference: str) -> Transfer | None:
        found = self._client.get_item(
            TableName=self._ledger, Key=to_item({"id": _id(reference)}), ConsistentRead=True
        )
        item = found.get("Item")
        return TransferRow.model_validate(from_item(item)).to_transfer() if item else None

    def save(self, transfer: Transfer, call: Call) -> None:
        values = {name: getattr(transfer, name) for name in TransferRow.model_fields}
        transact(
            self._client,
            [
                {
                    "Put": {
                        "TableName": self._ledger,
                        "Item": to_item({"id": _id(transfer.reference), **values}),
                        "ConditionExpression": "attribute_not_exists(id) OR version = :seen",
                        "ExpressionAttributeValues": to_item({":seen": transfer.version - 1}),
                    }
                },
                {"Put": {"TableName": self._calls, "Item": to_item(call_row(call))}},
            ],
        )
