"""Mapping templates: Velocity by airspeed, with `$input`, `$util`, `$context` and `$stageVariables`."""

import base64
import json
import urllib.parse
from typing import Any

import airspeed
from airspeed import operators

from embedded.json_paths import find
from embedded.overlay import replace, wrap

Context = dict[str, Any]
Parameters = dict[str, dict[str, str]]
"""`path`, `querystring` and `header`, each by name."""


def install() -> None:
    """In Velocity a reference to nothing is false; airspeed takes it for true."""

    def condition(self: Any, namespace: Any, loader: Any) -> bool:
        return _truth(self.expression.calculate(namespace, loader))

    replace(operators.Condition, "calculate", "self namespace loader", condition)

    @wrap(operators.UnaryOperatorValue, "calculate", "self namespace loader")
    def negation(original: Any, self: Any, namespace: Any, loader: Any) -> bool:
        return not _truth(self.value.calculate(namespace, loader))


def _truth(value: Any) -> bool:
    """Only null and false are false, as in Velocity 1: an empty string or a zero is true."""
    return value is not None and value is not False


def render(
    template: str, body: str, parameters: Parameters, context: Context, variables: dict[str, str]
) -> str:
    """`context` may be changed by the template: it sets `responseOverride.status` there."""
    names = {
        "input": _Input(body, parameters),
        "util": _Util(),
        "context": context,
        "stageVariables": variables,
    }
    return str(airspeed.Template(template).merge(names))


class _Object(dict[str, Any]):
    """Prints as JSON, where Python would print a dict."""

    def __str__(self) -> str:
        return json.dumps(self)


class _List(list[Any]):
    def __str__(self) -> str:
        return json.dumps(self)


for _kind, _base in (
    (_Object, dict),
    (_List, list),
):  # methods of Java's collections, which airspeed keeps by type
    operators.__additional_methods__[_kind] = operators.__additional_methods__[_base]


def _velocity(value: Any) -> Any:
    if isinstance(value, dict):
        return _Object({key: _velocity(each) for key, each in value.items()})
    return _List(_velocity(each) for each in value) if isinstance(value, list) else value


class _Input:
    def __init__(self, body: str, parameters: Parameters) -> None:
        self.body = body
        self._parameters = parameters

    def path(self, path: str) -> Any:
        return _velocity(find(self._document(), path))

    def json(self, path: str) -> str:
        return json.dumps(find(self._document(), path))

    def params(self, name: str | None = None) -> Any:
        if name is None:
            return _velocity(self._parameters)
        places = (self._parameters[place] for place in ("path", "querystring", "header"))
        return next((place[name] for place in places if name in place), "")

    def _document(self) -> Any:
        try:
            return json.loads(self.body or "{}")
        except ValueError:
            return self.body


class _Util:
    def urlEncode(self, text: Any) -> str:  # noqa: N802 - names of the mapping language
        return urllib.parse.quote_plus(str(text), safe="")

    def urlDecode(self, text: Any) -> str:  # noqa: N802
        return urllib.parse.unquote_plus(str(text))

    def escapeJavaScript(self, text: Any) -> str:  # noqa: N802
        return json.dumps(str(text))[1:-1].replace("'", "\\'")

    def base64Encode(self, text: Any) -> str:  # noqa: N802
        return base64.b64encode(str(text).encode()).decode()

    def base64Decode(self, text: Any) -> str:  # noqa: N802
        return base64.b64decode(str(text)).decode()

    def parseJson(self, text: Any) -> Any:  # noqa: N802
        return _velocity(json.loads(text))
