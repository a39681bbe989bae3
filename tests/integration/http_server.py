"""Servers on this machine in the place of partners."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Desk(BaseHTTPRequestHandler):
    """Meets each request, whatever its method; says nothing to the console."""

    def meet(self) -> None:
        raise NotImplementedError

    def do_GET(self) -> None:
        self.meet()

    def do_POST(self) -> None:
        self.meet()

    def do_PUT(self) -> None:
        self.meet()

    def do_DELETE(self) -> None:
        self.meet()

    def read_body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def send(self, status: int, body: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Not to the console."""


@contextmanager
def listening(desk: type[Desk]) -> Iterator[str]:
    """The URL of a server behind which each request meets a `desk` of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), desk) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()
