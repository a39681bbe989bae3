"""Tables in moto exactly as a service's template has them, so that keys and indexes are written once."""

from typing import Any

import boto3

from checks.templates import service

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
