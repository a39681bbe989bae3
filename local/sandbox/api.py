"""A small client of the application's APIs, and waiting for what happens later."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import OK
from typing import Any
from uuid import uuid4

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError

from sandbox.problems import SandboxProblem

_HTTP = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=2, read=35), maxsize=40)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


def call(
    method: str,
    url: str,
    body: object = None,
    *,
    token: str | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Raises SandboxProblem if nobody answers, or with something else than JSON."""
    sent = {"Content-Type": "application/json"} if body is not None else {}
    sent |= {"Authorization": token} if token else {}
    encoded = json.dumps(body).encode() if body is not None else None
    got = _request(method, url, body=encoded, headers=sent | (headers or {}))
    try:
        return Answer(got.status, json.loads(got.data or b"null"), dict(got.headers))
    except ValueError:
        said = f"{method} {url} was answered {got.status} with what is not JSON: {got.data[:300]!r}"
        raise SandboxProblem(said) from None


def expect(status: int, answer: Answer) -> Any:
    """The body of an answer that has this status. Raises SandboxProblem for another."""
    if answer.status != status:
        raise SandboxProblem(f"expected {status}, the API answered {answer.status}: {answer.body}")
    return answer.body


def new_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def upload(url: str, fields: dict[str, str], content: bytes) -> None:
    """A browser's form upload to S3. Raises SandboxProblem if S3 refuses it."""
    form: dict[str, str | tuple[str, bytes, str]] = {**fields, "file": ("stock.csv", content, "text/csv")}
    got = _request("POST", url, fields=list(form.items()))
    if got.status not in (200, 201, 204):
        raise SandboxProblem(f"S3 refused the upload with {got.status}: {got.data[:300]!r}")


def download(url: str) -> bytes:
    """What a link of S3 leads to. Raises SandboxProblem if S3 refuses it."""
    got = _request("GET", url)
    if got.status != OK:
        raise SandboxProblem(f"S3 refused the download with {got.status}: {got.data[:300]!r}")
    return got.data


def _request(method: str, url: str, **more: Any) -> urllib3.BaseHTTPResponse:
    place = url.partition("?")[0]  # without what a link is signed with
    try:
        return _HTTP.request(method, url, **more)
    except NewConnectionError:
        stopped = f"Nobody answers at {place}: the embedded AWS was stopped. Run it again: make run"
        raise SandboxProblem(stopped) from None
    except HTTPError as fault:
        raise SandboxProblem(f"{method} {place} was not answered: {fault}") from fault


def wait_for[T](
    look: Callable[[], T], wanted: Callable[[T], bool], *, seconds: float, every: float = 0.1
) -> T:
    """Look until what is seen is wanted, or the time is over; the last look in both cases."""
    deadline = time.monotonic() + seconds
    while not wanted(seen := look()) and time.monotonic() < deadline:
        time.sleep(every)
    return seen
