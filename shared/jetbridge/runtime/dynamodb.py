"""DynamoDB's typed attributes to plain values and back, and what its errors mean."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.runtime.attributes import from_attribute, to_attribute
from jetbridge.runtime.backoff import back_off

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

type Item = dict[str, Any]

_ATTEMPTS = 8  # at what a batch left out


class Row(BaseModel):
    """An item as an adapter reads it. Faults are told without the values, which may be personal."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def to_item(values: Mapping[str, Any]) -> Item:
    """Plain values (str, int, Decimal, bool, list, dict) as attributes; None is left out."""
    return {name: to_attribute(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as plain values; numbers are Decimal, which pydantic makes int where needed."""
    return {name: from_attribute(value) for name, value in item.items()}


def read_item(client: "DynamoDBClient", table_name: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
    """The plain values of an item as it is now, not as it was a moment ago; None if there is none."""
    found = client.get_item(TableName=table_name, Key=to_item(key), ConsistentRead=True)
    return from_item(found["Item"]) if "Item" in found else None


def put_over(table_name: str, values: Mapping[str, Any], key: str, seen: int) -> "TransactWriteItemTypeDef":
    """A transaction's action: put the item over version `seen` of it; 0: there is none with its `key`."""
    condition: dict[str, Any] = {"ConditionExpression": f"attribute_not_exists({key})"}
    if seen:
        condition = {
            "ConditionExpression": "version = :seen",
            "ExpressionAttributeValues": to_item({":seen": seen}),
        }
    return {"Put": {"TableName": table_name, "Item": to_item(values), **condition}}  # type: ignore[typeddict-item]


class _Known(Exception):
    """There is one already."""


def put_new(client: "DynamoDBClient", table_name: str, values: Mapping[str, Any], key: str) -> bool:
    """Write a new item; False if there is one with its `key` already.

    Raises ConcurrentUpdate when a transaction is at the item: nobody knows yet whether it will be there.
    """
    try:
        with refused_as(_Known()):
            client.put_item(**put_over(table_name, values, key, 0)["Put"])
    except _Known:
        return False
    return True


def put_version(client: "DynamoDBClient", table_name: str, values: Mapping[str, Any], key: str) -> None:
    """Write an item over the version before its own. Raises ConcurrentUpdate if that is not what is there."""
    with conditional(str(values[key])):
        client.put_item(**put_over(table_name, values, key, values["version"] - 1)["Put"])


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


class LeftOut(Exception):
    """A fault: DynamoDB did only a part of a batch, again and again."""


def batch_get(client: "DynamoDBClient", table_name: str, keys: Sequence[Mapping[str, Any]]) -> list[Item]:
    """The items of at most 100 keys, as they are now. Raises LeftOut."""
    items: list[Item] = []

    def get(wanted: Any) -> Any:
        found = client.batch_get_item(RequestItems=wanted)
        items.extend(found["Responses"].get(table_name, []))
        return found["UnprocessedKeys"]

    if keys:
        _do_all(get, {table_name: {"Keys": [to_item(key) for key in keys], "ConsistentRead": True}})
    return items


def batch_put(client: "DynamoDBClient", table_name: str, items: Iterable[Mapping[str, Any]]) -> None:
    """Write at most 25 items, whatever is there. Raises LeftOut; then some may be written."""

    def put(wanted: Any) -> Any:
        return client.batch_write_item(RequestItems=wanted)["UnprocessedItems"]

    _do_all(put, {table_name: [{"PutRequest": {"Item": to_item(values)}} for values in items]})


def _do_all(ask: Callable[[Any], Any], wanted: Any) -> None:
    """What DynamoDB leaves out, since it is busy, is asked for again."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            back_off(attempt - 1)
        wanted = ask(wanted)
        if not wanted:
            return
    raise LeftOut(", ".join(wanted))


def cancellation_codes(error: ClientError) -> list[str]:
    """Why each action of a cancelled transaction failed, in order: `None`, `ConditionalCheckFailed`, ..."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return [reason.get("Code", "None") for reason in reasons]
