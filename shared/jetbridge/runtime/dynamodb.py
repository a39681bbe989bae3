"""DynamoDB's typed attributes to plain values and back, and what its errors mean."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.attributes import from_attribute, to_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

type Item = dict[str, Any]


class Row(BaseModel):
    """An item as an adapter reads it. Faults are told without the values, which may be personal."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def to_item(values: Mapping[str, Any]) -> Item:
    """Plain values (str, int, Decimal, bool, list, dict) as attributes; None is left out."""
    return {name: to_attribute(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as plain values; numbers are Decimal, which pydantic makes int where needed."""
    return {name: from_attribute(value) for name, value in item.items()}


@contextmanager
def refused_as(refusal: Exception) -> Iterator[None]:
    """Raise `refusal` when the condition of the one write inside does not hold.

    ConcurrentUpdate when a transaction is at the same item in this moment.
    """
    try:
        yield
    except ClientError as error:
        if error_code(error) == "ConditionalCheckFailedException":
            raise refusal from error
        if error_code(error) == "TransactionConflictException":
            raise ConcurrentUpdate("a transaction is at the item") from error
        raise


@contextmanager
def conditional(entity: str) -> Iterator[None]:
    """Raise ConcurrentUpdate when the condition of the one write inside does not hold."""
    with refused_as(ConcurrentUpdate(entity)):
        yield


def error_code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


class Cancelled(ConcurrentUpdate):
    """A transaction did nothing: conditions did not hold, or another one was at the same items."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(sorted(set(codes) - {"None"})))
        self.codes = codes

    def refused(self, position: int) -> bool:
        """Whether the condition of the action at `position` did not hold."""
        return self.codes[position] == "ConditionalCheckFailed"


def transact(client: "DynamoDBClient", actions: "Sequence[TransactWriteItemTypeDef]") -> None:
    """All writes or none, at most 100. Raises Cancelled; what is no conflict (throttling) is a fault."""
    try:
        client.transact_write_items(TransactItems=actions)
    except ClientError as error:
        codes = cancellation_codes(error)
        if codes and set(codes) <= {"None", "ConditionalCheckFailed", "TransactionConflict"}:
            raise Cancelled(codes) from error
        raise


def batch_get(client: "DynamoDBClient", table_name: str, keys: Sequence[Mapping[str, Any]]) -> list[Item]:
    """The items of at most 100 keys, as they are now. What DynamoDB leaves out is asked for again."""
    items: list[Item] = []
    wanted: Any = {table_name: {"Keys": [to_item(key) for key in keys], "ConsistentRead": True}}
    while wanted and wanted[table_name]["Keys"]:
        found = client.batch_get_item(RequestItems=wanted)
        items += found["Responses"].get(table_name, [])
        wanted = found.get("UnprocessedKeys")
    return items


def cancellation_codes(error: ClientError) -> list[str]:
    """Why each action of a cancelled transaction failed, in order: `None`, `ConditionalCheckFailed`, ..."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return [reason.get("Code", "None") for reason in reasons]
