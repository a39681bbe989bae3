"""The JSONata expressions of a state machine: each must parse, and stand where it is evaluated."""

import json
from collections.abc import Iterator
from typing import Any

from jsonata import Jsonata
from jsonata.jexception import JException

_OPEN, _CLOSE = "{%", "%}"


def faults_of_expressions(text: str) -> Iterator[str]:
    """`text` is the machine with all its `${Name}` substituted."""
    for place, string in _strings(json.loads(text), ""):
        if string.startswith(_OPEN) and string.endswith(_CLOSE):
            fault = _fault_of(string[len(_OPEN) : -len(_CLOSE)])
            if fault:
                yield f"{place}: {fault}"
        elif _OPEN in string or _CLOSE in string:
            yield f"{place}: {_OPEN} and {_CLOSE} must stand around the whole text, or it is not evaluated"


def _fault_of(expression: str) -> str | None:
    try:
        Jsonata.jsonata(expression)
    except JException as error:
        return f"not JSONata: {error} in: {expression.strip()}"
    return None


def _strings(value: Any, place: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield place, value
        case dict():
            for name, part in value.items():
                # States are named by their name alone: they are where the fault is looked for.
                yield from _strings(part, name if place == "States" else f"{place}/{name}".lstrip("/"))
        case list():
            for index, part in enumerate(value):
                yield from _strings(part, f"{place}/{index}")
