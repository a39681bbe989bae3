"""The request that a REST API is serving: what its mapping templates and error responses can see of it."""

import contextvars
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ministack.services import apigateway_v1 as gateway

from embedded import vtl


@dataclass
class Request:
    """The request being served; `routed` is ministack's record, filled in while it is routed."""

    routed: dict[str, Any]
    method: str
    path: str
    body: str
    validation_error: str = ""
    overrides: dict[str, Any] = field(default_factory=lambda: {"header": {}})
    """What a response's template says of `status` and of each `header`; it wins over mapped parameters."""


current: contextvars.ContextVar[Request] = contextvars.ContextVar("request")
header_names: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("header_names")
"""As the client wrote them, by their lower-case form."""
header_values: contextvars.ContextVar[dict[str, list[str]]] = contextvars.ContextVar("header_values")
"""All that the client sent, in order, by the lower-case form of its name."""
raw_path: contextvars.ContextVar[str] = contextvars.ContextVar("raw_path")
"""As the client wrote it, percent-encoded."""


def preserving_what_was_sent(app: Any) -> Any:
    """ASGI middleware: functions behind a REST API get headers and path as they were sent."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        sent = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope.get("headers", [])]
        header_names.set({name.lower(): name for name, _ in sent})
        header_values.set(
            {
                name.lower(): [value for same, value in sent if same.lower() == name.lower()]
                for name, _ in sent
            }
        )
        raw_path.set(scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1"))
        lowered = [(name.lower(), value) for name, value in scope.get("headers", [])]
        await app({**scope, "headers": lowered} if "headers" in scope else scope, receive, send)

    return serve


def as_sent(path: str) -> str:
    """`path`, the decoded end of the request's, percent-encoded as it came: no escapes are before it."""
    sent = raw_path.get("")
    return sent[len(unquote(sent)) - len(path) :] if unquote(sent).endswith(path) else path


def context(authorizer: Any) -> vtl.Context:
    request = current.get()
    routed = request.routed
    return {
        "apiId": routed["api_id"],
        "authorizer": authorizer or {},
        "extendedRequestId": routed["request_id"],
        "httpMethod": request.method,
        "identity": {
            "sourceIp": "127.0.0.1",
            "userAgent": gateway._header_ci(routed["headers"], "user-agent"),
        },
        "path": f"/{routed['stage_name']}{request.path}",
        "protocol": "HTTP/1.1",
        "requestId": routed["request_id"],
        "requestTimeEpoch": int(time.time() * 1000),
        "resourcePath": routed["resource_path"],
        "responseOverride": request.overrides,
        "stage": routed["stage_name"],
    }


def parameters() -> vtl.Parameters:
    routed, names = current.get().routed, header_names.get({})
    query = {k: v[0] if isinstance(v, list) else v for k, v in (routed["query_params"] or {}).items()}
    headers = {names.get(k, k): v for k, v in routed["headers"].items()}
    return {
        "path": routed["path_params"] or {},
        "querystring": query,
        "header": {**routed["headers"], **headers},
    }


def render(template: str, body: str, authorizer: Any = None) -> str:
    variables = (current.get().routed["stage"] or {}).get("variables") or {}
    return vtl.render(template, body, parameters(), context(authorizer), variables)
