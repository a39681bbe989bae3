"""The rollback that tests of transactions stand on undoes whatever a cancelled transaction did."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from jetbridge.runtime.dynamodb import to_item
from tests.integration import rollback
from tests.integration.tables import items_of, make_table

ITEM = {"pk": "a", "sk": "b", "number": 1, "map": {"in": {"side": 1}}, "list": [1]}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    rollback.make_cheap(monkeypatch)
    with mock_aws():
        yield boto3.client("dynamodb")


@pytest.mark.parametrize(
    "change",
    [
        "SET #number = :one",
        "SET #map.#in.side = :one",
        "SET #list[0] = :one",
        "ADD #number :one",
        "REMOVE #map.#in",
    ],
)
def test_an_update_in_a_cancelled_transaction_is_undone(client: Any, change: str) -> None:
    table = make_table("inventory", "StockTable", client)
    client.put_item(TableName=table, Item=to_item(ITEM))
    names = {f"#{name}": name for name in ("number", "map", "in", "list") if f"#{name}" in change}
    given = {":one": 7} if change.endswith(":one") else {}
    update: dict[str, Any] = {
        "TableName": table,
        "Key": to_item({"pk": "a", "sk": "b"}),
        "UpdateExpression": change,
        "ExpressionAttributeNames": names,
    } | ({"ExpressionAttributeValues": to_item(given)} if given else {})
    refused = {
        "TableName": table,
        "Key": to_item({"pk": "c", "sk": "d"}),
        "ConditionExpression": "attribute_exists(pk)",
    }
    with pytest.raises(ClientError, match="TransactionCanceled"):
        client.transact_write_items(TransactItems=[{"Update": update}, {"ConditionCheck": refused}])
    assert items_of(table) == [ITEM]
    client.transact_write_items(TransactItems=[{"Update": update}])
    assert items_of(table) != [ITEM]
