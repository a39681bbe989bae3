"""The sandbox's client says in a sentence what was no answer: nobody at a terminal wants a traceback."""

import socket
from collections.abc import Callable, Iterator

import pytest

from sandbox.api import call, download, expect, upload
from sandbox.problems import SandboxProblem
from tests.integration.payments.provider_server import Server, serving

ASKS: list[Callable[[str], object]] = [
    lambda url: call("GET", url),
    lambda url: upload(url, {"key": "incoming/stock.csv"}, b"rows"),
    lambda url: download(f"{url}/report.csv?X-Amz-Signature=hunter2"),
]
EACH = pytest.mark.parametrize("ask", ASKS, ids=["call", "upload", "download"])


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def test_an_answer_has_its_status_and_its_json_if_it_has_any(server: Server) -> None:
    server.answers = [(202, {"orderId": "order-1"}), (200, "")]
    assert expect(202, call("POST", server.url, {"items": []})) == {"orderId": "order-1"}
    assert call("GET", server.url).body is None


def test_an_answer_that_is_not_json_is_shown(server: Server) -> None:
    server.answers = [(502, "<html>gone</html>")]
    with pytest.raises(SandboxProblem, match="answered 502 with what is not JSON: b'<html>gone"):
        call("GET", server.url)


@pytest.mark.parametrize("ask", ASKS[1:], ids=["upload", "download"])
def test_what_s3_refuses_is_no_file(server: Server, ask: Callable[[str], object]) -> None:
    server.answers = [(403, "<Code>AccessDenied</Code>")]
    with pytest.raises(SandboxProblem, match=r"S3 refused the .* with 403: .*AccessDenied"):
        ask(server.url)


@EACH
def test_a_connection_that_breaks_is_told_with_its_place_and_no_signature(
    server: Server, ask: Callable[[str], object]
) -> None:
    server.instead = lambda connection: connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(SandboxProblem, match=f"{server.url}.* was not answered") as told:
        ask(server.url)
    assert "hunter2" not in str(told.value)


@EACH
def test_who_is_not_there_does_not_answer(ask: Callable[[str], object]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SandboxProblem, match=r"Nobody answers at .*make run"):
            ask(f"http://127.0.0.1:{unused.getsockname()[1]}")
