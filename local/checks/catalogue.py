"""Who tells and who hears each event, read from the contracts and from the templates."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.patterns import matches
from checks.templates import PATHS, ROOT, Template, load, target_of
from jetbridge.contracts.envelope import EventData
from jetbridge.contracts.registry import EVENTS

_PAYMENTS_TOPIC = "PaymentEventsTopicArn"


@dataclass(frozen=True, slots=True)
class Hearing:
    """A service's rule or subscription, named by its logical id, and the queue that it delivers to."""

    service: str
    name: str
    queue: str | None
    pattern: dict[str, Any]
    on_bus: bool

    def hears(self, delivered: dict[str, Any]) -> bool:
        return matches(self.pattern, delivered)


def producer_of(event: type[EventData]) -> str:
    return event.source.removeprefix("jetbridge.")


def on_bus(event: type[EventData]) -> bool:
    """Payments alone tells on the FIFO topic, where order matters."""
    return producer_of(event) != "payments"


def sample_path(event: type[EventData]) -> Path:
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", event.__name__).lower()
    return ROOT / "events" / producer_of(event) / f"{snake}.json"


def sample_of(event: type[EventData]) -> dict[str, Any]:
    """The event as it is delivered: by the bus with its frame, by the topic as the bare envelope."""
    sample: dict[str, Any] = json.loads(sample_path(event).read_text(encoding="utf-8"))
    return sample


def hearings() -> Iterator[Hearing]:
    """Every rule of the bus and every subscription to the payment events, of all services."""
    for path in PATHS:
        yield from _hearings(load(path))


def _hearings(template: Template) -> Iterator[Hearing]:
    for name, rule in template.resources("Events::Rule").items():
        pattern = rule.get("EventPattern", {})
        # The platform's rule only records traffic; rules without a bus hear AWS itself, or a clock.
        if template.name != "platform" and target_of(rule.get("EventBusName")):
            yield Hearing(template.name, name, target_of(rule["Targets"][0]["Arn"]), pattern, on_bus=True)
    for name, subscription in template.resources("SNS::Subscription").items():
        if target_of(subscription["TopicArn"]) == _PAYMENTS_TOPIC:
            queue, pattern = target_of(subscription["Endpoint"]), subscription.get("FilterPolicy", {})
            yield Hearing(template.name, name, queue, pattern, on_bus=False)


def consumers_of(event: type[EventData]) -> list[str]:
    """Services that hear the event, by name."""
    kinds = [sample_of(event), _of_bookings(sample_of(event))]
    heard = {
        hearing.service
        for hearing in hearings()
        if hearing.on_bus == on_bus(event) and any(hearing.hears(sample) for sample in kinds)
    }
    return sorted(heard)


def _of_bookings(sample: dict[str, Any]) -> dict[str, Any]:
    """A payment event is of an order or of a booking; subscribers filter by it."""
    return {**sample, "data": {**sample.get("data", {}), "kind": "booking"}}


def events() -> list[type[EventData]]:
    return list(EVENTS.values())
