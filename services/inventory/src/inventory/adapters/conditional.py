"""Single writes of DynamoDB that say whether their condition held. Each raises ConcurrentUpdate if busy."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jetbridge.runtime.dynamodb import refused_as, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class _Refused(Exception):
    pass


def put_first(
    client: "DynamoDBClient",
    table_name: str,
    values: Mapping[str, Any],
    attribute: str = "version",
    replaced: Any = 0,
) -> bool:
    """Put the item if there is none with its key, or one whose `attribute` is `replaced`."""
    try:
        with refused_as(_Refused()):
            client.put_item(
                TableName=table_name,
                Item=to_item(values),
                ConditionExpression="attribute_not_exists(pk) OR #attribute = :replaced",
                ExpressionAttributeNames={"#attribute": attribute},
                ExpressionAttributeValues=to_item({":replaced": replaced}),
            )
    except _Refused:
        return False
    return True


def update_if(
    client: "DynamoDBClient",
    table_name: str,
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    condition: str,
    **compared: Any,
) -> bool:
    """Set what is not None, as the next version. In the condition `compared` and values are `:name`."""
    given = {name: value for name, value in values.items() if value is not None}
    assigned = ", ".join(f"#{name} = :{name}" for name in given)
    bound = {f":{name}": value for name, value in (given | compared).items()} | {":one": 1}
    try:
        with refused_as(_Refused()):
            client.update_item(
                TableName=table_name,
                Key=to_item(key),
                UpdateExpression=f"SET {assigned} ADD version :one",
                ConditionExpression=condition,
                ExpressionAttributeNames={f"#{name}": name for name in given},
                ExpressionAttributeValues=to_item(bound),
            )
    except _Refused:
        return False
    return True
