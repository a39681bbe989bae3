"""The state machines as they are deployed: definitions with what the template puts in, and their JSONata."""

import json
from functools import cache
from importlib import import_module
from typing import Any

from jsonata import Jsonata

from checks.templates import service, target_of
from tests.integration.choreography.clock import WorldTime

type State = dict[str, Any]

_OPEN, _CLOSE = "{%", "%}"


class Failure(Exception):
    """An error under the name that Step Functions gives it."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.told = {"Error": error, "Cause": cause}

    def is_one_of(self, names: list[str]) -> bool:
        tasks = "States.TaskFailed" in names and self.error != "States.Timeout"
        return self.error in names or "States.ALL" in names or tasks


def definition(machine: str) -> State:
    """Of a state machine by its logical id. Every resource goes by its logical id too; changed by nobody."""
    made: State = json.loads(_text(machine))
    return made


@cache
def _text(machine: str) -> str:
    template = service("bookings")
    properties = template.resources("Serverless::StateMachine")[machine]
    text: str = (template.path.parent / properties["DefinitionUri"]).read_text(encoding="utf-8")
    for name, reference in properties.get("DefinitionSubstitutions", {}).items():
        target = str(target_of(reference))
        parameter = template.body["Parameters"].get(target, {})
        number = parameter["Default"] if parameter.get("Type") == "Number" else target
        text = text.replace(f"${{{name}}}", str(number).removesuffix("Aliaslive"))
    return str(text)


def handler_of(function: str) -> Any:
    module = service("bookings").functions()[function]["Handler"].removesuffix(".handler")
    return import_module(module).handler


def evaluated(value: Any, variables: dict[str, Any], states: dict[str, Any]) -> Any:
    """A field of a state, with every expression in it evaluated."""
    match value:
        case str() if value.startswith(_OPEN):
            return _result(value[len(_OPEN) : -len(_CLOSE)], variables, states)
        case dict():
            return {name: evaluated(part, variables, states) for name, part in value.items()}
        case list():
            return [evaluated(part, variables, states) for part in value]
    return value


def _result(expression: str, variables: dict[str, Any], states: dict[str, Any]) -> Any:
    parsed = Jsonata.jsonata(expression)
    frame = parsed.create_frame()
    for name, value in (variables | {"states": states}).items():
        frame.bind(name, value)
    frame.bind("parse", Jsonata.JLambda(json.loads))
    frame.bind("millis", Jsonata.JLambda(lambda: int(WorldTime.moment.timestamp() * 1000)))
    return json.loads(json.dumps(parsed.evaluate(None, frame)))
