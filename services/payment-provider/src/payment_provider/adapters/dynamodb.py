"""The ledger in DynamoDB: one table of intents and refunds by id, one of calls by reference and moment.

A charge or refund and its call are written in one transaction, so the log is exact.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jetbridge.runtime.dynamodb import Item, from_item, put_over, read_item, to_item, transact
from payment_provider.adapters.lists import newest
from payment_provider.adapters.rows import (
    EVERY_CALL,
    INTENTS,
    CallRow,
    IntentRow,
    RefundRow,
    call_row,
    intent_row,
    reference_key,
    refund_row,
)
from payment_provider.domain.cards import Call, Intent, Page, Refund

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class DynamoLedger:
    """`calls_index` is the index of the calls' table by `log` and `moment`."""

    def __init__(self, client: "DynamoDBClient", ledger: str, calls: str, calls_index: str) -> None:
        self._client = client
        self._ledger = ledger
        self._calls = calls
        self._calls_index = calls_index

    def intent(self, intent_id: str) -> Intent | None:
        item = read_item(self._client, self._ledger, {"id": intent_id})
        return IntentRow.model_validate(item).to_intent() if item else None

    def refund(self, refund_id: str) -> Refund | None:
        item = read_item(self._client, self._ledger, {"id": refund_id})
        return RefundRow.model_validate(item).to_refund() if item else None

    def add_intent(self, intent: Intent, call: Call) -> None:
        transact(self._client, [put_over(self._ledger, intent_row(intent), "id", 0), self._logged(call)])

    def add_refund(self, refund: Refund, intent: Intent, call: Call) -> None:
        counted: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._ledger,
                "Key": to_item({"id": intent.id}),
                "UpdateExpression": "SET refunded = refunded + :more",
                "ConditionExpression": "refunded = :seen",
                "ExpressionAttributeValues": to_item(
                    {":seen": intent.refunded, ":more": refund.amount.minor}
                ),
            }
        }
        put = put_over(self._ledger, refund_row(refund), "id", 0)
        transact(self._client, [put, counted, self._logged(call)])

    def newest_intents(
        self,
        created_from: datetime | None,
        created_before: datetime | None,
        after: Intent | None,
        limit: int,
    ) -> Page[Intent]:
        items = newest(
            self._client,
            self._ledger,
            INTENTS,
            after=after,
            limit=limit + 1,
            created_from=created_from,
            created_before=created_before,
        )
        found = [IntentRow.model_validate(from_item(item)).to_intent() for item in items]
        return Page(found[:limit], has_more=len(found) > limit)

    def newest_refunds(self, intent_id: str, after: Refund | None, limit: int) -> Page[Refund]:
        items = newest(self._client, self._ledger, intent_id, after=after, limit=limit + 1)
        found = [RefundRow.model_validate(from_item(item)).to_refund() for item in items]
        return Page(found[:limit], has_more=len(found) > limit)

    def log(self, call: Call) -> None:
        self._client.put_item(TableName=self._calls, Item=to_item(call_row(call)))

    def calls(self, reference: str | None = None) -> Sequence[Call]:
        return [CallRow.model_validate(from_item(item)).to_call() for item in self._query(reference)]

    def _query(self, reference: str | None) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._calls,
            KeyConditionExpression="#key = :key",
            **(self._about(reference) if reference else self._every_call()),
        )
        for page in pages:
            yield from page["Items"]

    def _about(self, reference: str) -> dict[str, Any]:
        return {
            "ConsistentRead": True,
            "ExpressionAttributeNames": {"#key": "reference"},
            "ExpressionAttributeValues": to_item({":key": reference_key(reference)}),
        }

    def _every_call(self) -> dict[str, Any]:
        return {
            "IndexName": self._calls_index,
            "ExpressionAttributeNames": {"#key": "log"},
            "ExpressionAttributeValues": to_item({":key": EVERY_CALL}),
        }

    def _logged(self, call: Call) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self._calls, "Item": to_item(call_row(call))}}
