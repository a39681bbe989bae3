"""Tables in moto exactly as a service's template has them, so that keys and indexes are written once."""

from typing import Any

import boto3
from moto.dynamodb.models import dynamodb_backends

from checks.templates import service
from jetbridge.runtime.dynamodb import from_item

# What CreateTable takes of the properties of AWS::DynamoDB::Table.
_TAKEN = {
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
}


def make_table(service_name: str, logical_id: str, client: Any = None) -> str:
    """Create the table, in the mocked account unless a client is given; its name is its logical id."""
    properties = service(service_name).resources("DynamoDB::Table")[logical_id]
    taken: Any = {name: value for name, value in properties.items() if name in _TAKEN}
    if stream := properties.get("StreamSpecification"):
        taken["StreamSpecification"] = {"StreamEnabled": True, **stream}
    (client or boto3.client("dynamodb")).create_table(TableName=logical_id, **taken)
    return logical_id


def items_of(table_name: str) -> list[dict[str, Any]]:
    """All that is in the table, without asking: a scan spends most of its time on its answer's form."""
    (regions,) = dynamodb_backends.values()
    items = regions["eu-west-1"].tables[table_name].all_items()
    return [from_item(item.to_json()["Attributes"]) for item in items]
