"""Pages of the ledger's index `by-list`: all intents, or the refunds of one, newest first."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.dynamodb import Item, to_item
from payment_provider.adapters.rows import listed
from payment_provider.domain.cards import Intent, Refund

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INDEX = "by-list"
_EARLIEST, _LATEST = "0", "9"  # before and after every time that is written as text


def newest(
    client: "DynamoDBClient",
    ledger: str,
    list_of: str,
    *,
    after: Intent | Refund | None,
    limit: int,
    created_from: datetime | None = None,
    created_before: datetime | None = None,
) -> list[Item]:
    """The items of the list, newest first; `after` is the last one of the page before."""
    more: dict[str, Any] = {}
    if after:
        more["ExclusiveStartKey"] = to_item({"id": after.id, "list_of": list_of, "listed": listed(after)})
    first = to_iso(created_from) if created_from else _EARLIEST
    last = to_iso(created_before) if created_before else _LATEST
    if first > last:  # DynamoDB refuses such bounds
        return []
    found = client.query(
        TableName=ledger,
        IndexName=_INDEX,
        KeyConditionExpression="list_of = :list AND listed BETWEEN :first AND :last",
        ExpressionAttributeValues=to_item({":list": list_of, ":first": first, ":last": last}),
        ScanIndexForward=False,
        Limit=limit,
        **more,
    )
    return found["Items"]
