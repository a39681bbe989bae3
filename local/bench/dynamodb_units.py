"""A DynamoDB client that keeps account: calls, and request units as AWS bills them for a table."""

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any

WRITE_UNIT = 1024  # bytes
READ_UNIT = 4096


class Metered:
    """Hands every call on. Units are those of the table; its indexes and its stream are not in them."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.forget()

    def forget(self) -> None:
        self.calls = 0
        self.units: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def metered(**given: Any) -> Any:
            answer = call(**given)
            self.calls += 1
            self.units["dynamodb.write_units"] += _written(name, given)
            self.units["dynamodb.read_units"] += _read(name, given, answer)
            return answer

        return metered


def size(item: Mapping[str, Any]) -> int:
    """Bytes of an item in its typed form, as DynamoDB counts them, roughly: names and values."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content) // 2 + 2
        case "L":
            return 3 + sum(1 + _size(each) for each in content)
        case "M":
            return 3 + size(content)
    return 1


def _written(name: str, given: Mapping[str, Any]) -> int:
    """Twice in a transaction. An updated item is taken for one unit: ours are small."""
    match name:
        case "transact_write_items":
            return 2 * sum(_units(action) for action in given["TransactItems"])
        case "batch_write_item":
            puts = chain.from_iterable(given["RequestItems"].values())
            return sum(_units({"Put": each["PutRequest"]}) for each in puts)
        case "put_item" | "update_item":
            return _units({"Put": given} if "Item" in given else {})
    return 0


def _units(action: Mapping[str, Any]) -> int:
    return -(-size(action["Put"]["Item"]) // WRITE_UNIT) if "Put" in action else 1


def _read(name: str, given: Mapping[str, Any], answer: Mapping[str, Any]) -> int:
    """Consistent reads; what is not there is a unit, too."""
    match name:
        case "batch_get_item":
            asked = sum(len(each["Keys"]) for each in given["RequestItems"].values())
            found = [item for items in answer["Responses"].values() for item in items]
            return asked - len(found) + sum(-(-size(item) // READ_UNIT) for item in found)
        case "get_item":
            return -(-size(answer.get("Item", {"pk": {"S": "-"}})) // READ_UNIT)
    return 0
