"""Plain values as DynamoDB's typed attributes and back. boto3 could, for a fifth of a function's init."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def to_attribute(value: object) -> dict[str, Any]:
    """Raises TypeError for what is no str, bool, int, finite Decimal, None, list, tuple, or mapping."""
    kind: str
    plain: object
    match value:
        case None:
            kind, plain = "NULL", True
        case bool():
            kind, plain = "BOOL", value
        case str():
            kind, plain = "S", str(value)
        case int() | Decimal() if Decimal(value).is_finite():
            kind, plain = "N", str(value)
        case list() | tuple():
            kind, plain = "L", [to_attribute(each) for each in value]
        case Mapping():
            kind, plain = "M", {name: to_attribute(each) for name, each in value.items()}
        case _:
            raise TypeError(f"DynamoDB has no type for a {type(value).__name__} like this")
    return {kind: plain}


def from_attribute(attribute: Mapping[str, Any]) -> Any:
    """Numbers as Decimal. Raises TypeError for types that `to_attribute` does not write."""
    ((kind, value),) = attribute.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return Decimal(value)
        case "L":
            return [from_attribute(each) for each in value]
        case "M":
            return {name: from_attribute(each) for name, each in value.items()}
        case "NULL":
            return None
    raise TypeError(f"an attribute of type {kind}")
