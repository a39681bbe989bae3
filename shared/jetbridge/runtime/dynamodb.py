"""DynamoDB's typed attributes to plain values and back, and what its errors mean."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from jetbridge.kernel.errors import ConcurrentUpdate

type Item = dict[str, Any]

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def to_item(values: Mapping[str, Any]) -> Item:
    """Plain values (str, int, Decimal, bool, list, dict) as attributes; None is left out."""
    return {name: _serialize(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as plain values; numbers are Decimal, which pydantic makes int where needed."""
    return {name: _deserialize(value) for name, value in item.items()}


@contextmanager
def refused_as(refusal: Exception) -> Iterator[None]:
    """Raise `refusal` when the condition of the one write inside does not hold."""
    try:
        yield
    except ClientError as error:
        if error_code(error) == "ConditionalCheckFailedException":
            raise refusal from error
        raise


@contextmanager
def conditional(entity: str) -> Iterator[None]:
    """Raise ConcurrentUpdate when the condition of the one write inside does not hold."""
    with refused_as(ConcurrentUpdate(entity)):
        yield


def error_code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def cancellation_codes(error: ClientError) -> list[str]:
    """Why each action of a cancelled transaction failed, in order: `None`, `ConditionalCheckFailed`, ..."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return [reason.get("Code", "None") for reason in reasons]
