"""JSON without floats."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any, Final, NoReturn, final


@final
class _Repeated:
    """No field's type takes it."""


# In place of the values of a member that was given more than once: which of them is meant, nobody can tell.
REPEATED: Final = _Repeated()


def read_json(text: str) -> Any:
    """Numbers are int and Decimal; a member that was given twice is REPEATED.

    Raises JSONDecodeError for all that is not JSON, also for NaN and thousands of digits or brackets.
    """

    def refuse(_: str) -> NoReturn:
        raise ValueError

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=refuse, object_pairs_hook=_members)
    except json.JSONDecodeError:
        raise
    except (ValueError, ArithmeticError, RecursionError):
        raise json.JSONDecodeError("not JSON", "", 0) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        given = Counter(name for name, _ in pairs)
        return {name: REPEATED if given[name] > 1 else value for name, value in pairs}
    return members
