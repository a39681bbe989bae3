"""The bus, the topic and the queues in memory: each delivers at least once, the bus in any order."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jetbridge.contracts.envelope import Envelope
from jetbridge.contracts.registry import EVENTS
from tests.integration.choreography.clock import WorldTime
from tests.integration.choreography.mishaps import Mishaps
from tests.integration.choreography.wiring import Route, routes
from tests.lambda_events import from_bus

_REMEMBERED = timedelta(minutes=5)  # for so long a FIFO topic knows a deduplication id


@dataclass(eq=False)
class Message:
    """`hidden`: received or lost on the way; it is seen again when time has passed."""

    queue: str
    body: str
    group: str | None = None
    hidden: bool = False


@dataclass
class Queues:
    """All queues at once. `told` is every event by its id; `clashes` are ids that named two events;
    `sent_again` counts what functions put back themselves.
    """

    mishaps: Mishaps
    waiting: list[Message] = field(default_factory=list)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    clashes: set[str] = field(default_factory=set)
    sent_again: int = 0
    _published: dict[str, datetime] = field(default_factory=dict)

    def put_events(self, details: list[dict[str, Any]]) -> None:
        """As the pipe's target: each event by each rule that hears it."""
        for detail in details:
            event = from_bus(Envelope[EVENTS[detail["metadata"]["type"]]].model_validate(detail))  # type: ignore[misc]
            self._remember(detail)
            self._deliver([route for route in routes() if route.hearing.on_bus], event, None)

    def publish_batch(self, *, PublishBatchRequestEntries: list[Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        """As the FIFO topic."""
        self.mishaps.stop()
        for entry in PublishBatchRequestEntries:
            known = self._published.get(entry["MessageDeduplicationId"])
            if known is None or WorldTime.moment - known > _REMEMBERED:
                self._published[entry["MessageDeduplicationId"]] = WorldTime.moment
                event = json.loads(entry["Message"])
                self._remember(event)
                topic = [route for route in routes() if not route.hearing.on_bus]
                self._deliver(topic, event, entry["MessageGroupId"])
        self.mishaps.stop()
        return {"Successful": [], "Failed": []}

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> None:  # noqa: N803
        """As SQS. What is delayed is seen when time has passed, however long that is."""
        self.mishaps.stop()
        self.waiting.append(Message(QueueUrl, MessageBody, hidden=DelaySeconds > 0))
        self.sent_again += 1
        self.mishaps.stop()

    def change_message_visibility(self, **_: Any) -> None:
        """What failed is hidden already; when it comes again is up to chance."""

    def receivable(self) -> list[Message]:
        """Of a FIFO group only the first, and nothing while that is out."""
        groups: set[tuple[str, str]] = set()
        found = []
        for message in self.waiting:
            if message.group is not None and (message.queue, message.group) in groups:
                continue
            if message.group is not None:
                groups.add((message.queue, message.group))
            if not message.hidden:
                found.append(message)
        return found

    def done(self, message: Message) -> None:
        if message in self.waiting:  # another delivery of it may have been faster
            self.waiting.remove(message)

    def show_all(self) -> None:
        for message in self.waiting:
            message.hidden = False

    def _remember(self, detail: dict[str, Any]) -> None:
        event_id = detail["metadata"]["event_id"]
        if self.told.setdefault(event_id, detail) != detail:
            self.clashes.add(event_id)

    def _deliver(self, among: list[Route], event: dict[str, Any], group: str | None) -> None:
        for route in among:
            if route.hearing.hears(event):
                self.waiting.append(Message(route.queue, route.body_of(event), group))
