"""An account with the tables of some services, whose changes are told and whose messages are delivered."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from jetbridge.runtime import aws
from jetbridge.runtime.dynamodb import from_item
from jetbridge.runtime.observability import logger
from jetbridge.runtime.redelivery import Redelivery
from jetbridge.runtime.secrets import Secret
from payments import bootstrap as payments_bootstrap
from payments.adapters.provider import StripeProvider
from payments.adapters.sns import SnsEvents
from payments.adapters.stripe import StripeClient
from payments.handlers import payment_changes
from payments.ports import Provider
from tests.integration import rollback
from tests.integration.choreography import clock
from tests.integration.choreography.bank import Bank
from tests.integration.choreography.clock import START, WorldTime
from tests.integration.choreography.mishaps import Crash, Mishaps
from tests.integration.choreography.queues import Message, Queues
from tests.integration.choreography.wiring import readers
from tests.integration.tables import make_table
from tests.lambda_events import api_request, context, failed, sqs


@contextmanager
def mocked(monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, str]) -> Iterator[None]:
    """AWS in memory under the world's clock, and the environment of functions."""
    clock.govern(monkeypatch)
    rollback.make_cheap(monkeypatch)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logger, "disabled", True)  # faults are what this is about
    with mock_aws():
        yield


class Account:
    """`tables` are named with their services, `streams` with the function that tells of their changes."""

    tables: Mapping[str, str]
    streams: Mapping[str, Callable[[Any, Any], Any]]

    def __init__(self) -> None:
        """Empty tables and queues, half past nine. Inside moto's mock of AWS."""
        dynamodb_backends.reset()
        for table, owner in self.tables.items():
            make_table(owner, table)
        WorldTime.moment = START
        self.mishaps = Mishaps()
        self.bank = Bank(self.mishaps)
        self.queues = Queues(self.mishaps)
        self.buried: list[str] = []
        secret: Any = SimpleNamespace(get=lambda *_, **__: "sk_test")
        self.stripe = StripeClient(self.bank, "http://bank", Secret(secret, "arn", 300))  # type: ignore[arg-type]
        self._places = dict.fromkeys(self.streams, 0)
        self._reading = ""

    def attempt(
        self, work: Callable[[], object], due: int = 0, happen: Callable[[], None] | None = None
    ) -> None:
        """Do it as a process of its own, that may be gone before it ends."""
        WorldTime.advance(timedelta(seconds=1))
        with self.mishaps.planned(due, happen):
            try:
                work()
            except Crash:
                return

    def deliver(self, message: Message, copies: int = 1, *, forget: bool = True) -> None:
        """One batch of the message. Not forgotten it comes again, as what failed or crashed does."""
        message.hidden = True  # until time has passed, or at once if it was only delivered twice
        groups = (message.group,) * copies if message.group else ()
        batch = sqs(*[message.body] * copies, queue=message.queue, groups=groups)
        with self._reads(message.queue):
            answer = readers()[message.queue](batch, context())
        if not failed(answer, batch):
            message.hidden = False
            if forget or message.group:
                self.queues.done(message)

    def tell(self, table: str, *, back: int = 0, most: int = 5) -> int:
        """The next changes of a table; `back` so many that were told before are told again."""
        start = max(self._places[table] - back, 0)
        records = self._records(table, start)[:most]
        if not records:
            return 0
        if table == "PaymentsTable":
            back_to = payment_changes.handler({"Records": records}, context())["batchItemFailures"]
            assert back_to == []
        else:
            self.queues.put_events(self.streams[table](records, context()))
        self._places[table] = max(self._places[table], start + len(records))
        return len(records)

    def items(self, table: str) -> list[dict[str, Any]]:
        """As they are now, past the API, which would take most of the time."""
        return [from_item(item.to_json()["Attributes"]) for item in self.table(table).all_items()]

    def versions(self) -> list[tuple[str, ...]]:
        """Table, key and version of everything ever written; a put without a change is not streamed."""
        return [
            (table, str(record["dynamodb"]["Keys"]), record["dynamodb"]["NewImage"]["version"]["N"])
            for table in self.streams
            for record in self._records(table, 0)
            if record["dynamodb"].get("OldImage") != record["dynamodb"]["NewImage"]
        ]

    def connect(self, monkeypatch: pytest.MonkeyPatch, *bootstraps: ModuleType) -> None:
        """What these bootstraps and that of payments make is of this account."""
        client: Any = aws.client("dynamodb")
        self.mishaps.watch(client)
        dead_letters = SimpleNamespace(bury=self._bury, send=self._bury)
        sender: Any = self.queues

        def redelivery() -> Redelivery:
            return Redelivery(sender, self._reading, 0)

        for bootstrap in (*bootstraps, payments_bootstrap):
            monkeypatch.setattr(bootstrap, "dead_letters", lambda: dead_letters)
            monkeypatch.setattr(bootstrap, "redelivery", redelivery, raising=False)
        events = SnsEvents(sender, "topic")
        monkeypatch.setattr(payments_bootstrap, "provider", self.provider)
        monkeypatch.setattr(payments_bootstrap, "events", lambda: events)

    def provider(self) -> Provider:
        return StripeProvider(self.stripe)

    @contextmanager
    def _reads(self, queue: str) -> Iterator[None]:
        """Whose function runs; another one's may run inside."""
        before, self._reading = self._reading, queue
        try:
            yield
        finally:
            self._reading = before

    def _bury(self, _letter: object, reason: str) -> None:
        self.buried.append(reason)

    def call(
        self, module: Any, method: str, path: str, body: object = None, headers: Any = None
    ) -> tuple[int, Any]:
        answer = module.handler(api_request(method, path, body, headers=headers), context())
        return answer["statusCode"], json.loads(answer["body"])

    def _records(self, table: str, start: int) -> list[Any]:
        """As DynamoDB Streams gives them to a pipe or a function."""
        shard = self.table(table).stream_shard
        assert shard is not None
        return [_as_delivered(record.to_json()) for record in shard.items[start:]]

    @staticmethod
    def table(name: str) -> Table:
        return dynamodb_backends["123456789012"]["eu-west-1"].tables[name]


def _as_delivered(record: dict[str, Any]) -> dict[str, Any]:
    at = record["dynamodb"]["ApproximateCreationDateTime"].timestamp()
    return record | {"dynamodb": record["dynamodb"] | {"ApproximateCreationDateTime": at}}
