"""Other people's HTTP APIs: a secret as the bearer token, and bounded waiting."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import urllib3

from jetbridge.runtime.observability import logger
from jetbridge.runtime.secrets import Secret


@dataclass(frozen=True, slots=True)
class Partner:
    """Nothing is asked twice but after a 401, with the secret fetched again: it may have been rotated."""

    http: urllib3.PoolManager
    base_url: str
    secret: Secret

    def ask(
        self, method: str, path: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """Raises what urllib3 raises: then nobody knows what became of it."""
        answer = self._send(method, path, body, headers, self.secret.value())
        if answer.status == HTTPStatus.UNAUTHORIZED:
            logger.warning("secret refused; fetched again", partner=self.base_url)
            answer = self._send(method, path, body, headers, self.secret.fetched_again())
        return answer

    def _send(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str] | None, secret: str
    ) -> urllib3.BaseHTTPResponse:
        return self.http.request(
            method,
            self.base_url.rstrip("/") + path,
            body=body,
            headers={"Authorization": f"Bearer {secret}", **(headers or {})},
            retries=False,
            redirect=False,
        )


def pool(connect_seconds: float, read_seconds: float) -> urllib3.PoolManager:
    """Connections that are kept between the invocations of an environment."""
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=connect_seconds, read=read_seconds))
