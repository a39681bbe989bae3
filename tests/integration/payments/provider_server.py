"""A server on this machine in the provider's place, which answers what a test tells it to."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

SUCCEEDED = (200, {"id": "pi_1", "status": "succeeded"})

type Answer = tuple[int, object]


@dataclass
class Server:
    """Answers as told, one after the other, the last one again and again."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [SUCCEEDED])
    instead: Callable[[socket.socket], None] | None = None
    received: list[dict[str, Any]] = field(default_factory=list)

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            told.received.append(
                {"path": self.path, "headers": dict(self.headers), "form": dict(parse_qsl(body))}
            )
            if told.instead:
                self.close_connection = True
                return told.instead(self.connection)
            status, answer = told.next_answer()
            data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return None

        def log_message(self, format: str, *args: object) -> None:
            """Not to the console."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        told.url = f"http://127.0.0.1:{http.server_port}"
        yield told
        http.shutdown()
        thread.join()


def error(kind: str, **more: str) -> dict[str, object]:
    return {"error": {"type": kind, "message": "told to people, not to programs", **more}}
