"""Transfers in the ledger's table, each change in one transaction with the call that made it."""

from typing import TYPE_CHECKING

from jetbridge.runtime.dynamodb import Row, put_over, read_item, to_item, transact
from payment_provider.adapters.rows import call_row
from payment_provider.domain.cards import Call
from payment_provider.domain.transfers import Transfer, TransferStatus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


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
        item = read_item(self._client, self._ledger, {"id": _id(reference)})
        return TransferRow.model_validate(item).to_transfer() if item else None

    def save(self, transfer: Transfer, call: Call) -> None:
        values = {name: getattr(transfer, name) for name in TransferRow.model_fields}
        put = put_over(self._ledger, {"id": _id(transfer.reference), **values}, "id", transfer.version - 1)
        log: TransactWriteItemTypeDef = {"Put": {"TableName": self._calls, "Item": to_item(call_row(call))}}
        transact(self._client, [put, log])
