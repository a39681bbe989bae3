"""Who hears what, and which function reads which queue: from the templates, as they are deployed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from checks.catalogue import Hearing, hearings
from checks.templates import service, target_of
from tests.lambda_events import transformed

SERVICES = ("bookings", "orders", "inventory", "payments")


@dataclass(frozen=True)
class Route:
    """From a rule or a subscription to its queue; `transformer` makes the body, if there is one."""

    hearing: Hearing
    queue: str
    transformer: dict[str, Any] | None

    def body_of(self, delivered: dict[str, Any]) -> str:
        return transformed(self.transformer, delivered) if self.transformer else json.dumps(delivered)


@cache
def routes() -> tuple[Route, ...]:
    return tuple(_routes())


def _routes() -> Iterator[Route]:
    for hearing in hearings():
        if hearing.service in SERVICES and hearing.queue:
            rule = service(hearing.service).body["Resources"][hearing.name]["Properties"]
            targets = rule.get("Targets", [{}])
            suffix = "" if hearing.on_bus else ".fifo"
            queue = f"{hearing.service}-{hearing.queue}{suffix}"
            yield Route(hearing, queue, targets[0].get("InputTransformer"))


@cache
def readers() -> dict[str, Any]:
    """The handler of each queue, by the queue's name."""
    return {route.queue: _handler(route.hearing.service, route.hearing.queue or "") for route in routes()}


def _handler(name: str, queue: str) -> Any:
    template = service(name)
    (reader,) = (
        target_of(mapping["FunctionName"])
        for mapping in template.resources("Lambda::EventSourceMapping").values()
        if target_of(mapping["EventSourceArn"]) == queue
    )
    module = template.functions()[str(reader)]["Handler"].removesuffix(".handler")
    return import_module(module).handler
