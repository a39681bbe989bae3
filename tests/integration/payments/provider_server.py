"""A server on this machine in the provider's place, which answers what a test tells it to."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.integration.http_server import Desk, listening

SUCCEEDED = (200, {"id": "pi_1", "status": "succeeded"})

type Answer = tuple[int, object]


@dataclass
class Server:
    """Answers as told, one after the other, the last one again and again."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [SUCCEEDED])
    instead: Callable[[socket.socket], object] | None = None
    received: list[dict[str, Any]] = field(default_factory=list)

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving() -> Iterator[Server]:
    told = Server()

    class Provider(Desk):
        def meet(self) -> None:
            body = self.read_body()
            told.received.append(
                {
                    "path": self.path,
                    "headers": dict(self.headers),
                    "form": dict(parse_qsl(body)),
                    "body": body,
                }
            )
            if told.instead:
                self.close_connection = True
                told.instead(self.connection)
                return
            status, answer = told.next_answer()
            self.send(status, answer if isinstance(answer, str) else json.dumps(answer))

    with listening(Provider) as told.url:
        yield told


def error(kind: str, **more: str) -> dict[str, object]:
    return {"error": {"type": kind, "message": "told to people, not to programs", **more}}
