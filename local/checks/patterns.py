"""EventBridge's rule patterns and SNS's filter policies, as far as this project's templates use them."""

from collections.abc import Mapping
from typing import Any


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether an event fits a pattern: every key of it, with any of the values listed there.

    Raises NotImplementedError for an operator that no template has used yet: teach it here, with a test.
    """
    if not isinstance(event, Mapping):
        return False
    return all(_fits(wanted, event, key) for key, wanted in pattern.items())


def _fits(wanted: Any, event: Mapping[str, Any], key: str) -> bool:
    if key == "$or":
        return any(matches(option, event) for option in wanted)
    if isinstance(wanted, Mapping):
        return matches(wanted, event.get(key))
    found = event.get(key)
    values = found if isinstance(found, list) else [found]
    return any(_is(option, value) for option in wanted for value in values)


def _is(option: Any, value: Any) -> bool:
    match option:
        case {"prefix": str(start)}:
            return isinstance(value, str) and value.startswith(start)
        case {"exists": bool(there)}:
            return (value is not None) == there
        case Mapping():
            raise NotImplementedError(f"the operator {option} is not known here")
    return bool(option == value)
