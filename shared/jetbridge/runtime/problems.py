"""What went wrong, as RFC 9457 problems: one answer for each kind of failure."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from jetbridge.kernel.errors import ConcurrentUpdate, DomainError, Forbidden, NotFound
from jetbridge.runtime.json_text import REPEATED
from jetbridge.runtime.observability import logger

PROBLEM_JSON = "application/problem+json"
_LONGEST_NAME = 256  # characters of a member; who sends an unknown one may call it anything

type Statuses = Mapping[type[DomainError], HTTPStatus]

_STATUSES: Statuses = {NotFound: HTTPStatus.NOT_FOUND, Forbidden: HTTPStatus.FORBIDDEN}


def problem(status: HTTPStatus, code: str, detail: str, **more: Any) -> Response[str]:
    """RFC 9457: `type` and `title` tell the kind, `detail` this case; `code` is stable for programs."""
    told = {"type": f"urn:jetbridge:problem:{code}", "title": status.phrase, "status": int(status)}
    return Response(int(status), PROBLEM_JSON, json.dumps({**told, "code": code, "detail": detail, **more}))


def refused(refusal: DomainError, statuses: Statuses = _STATUSES) -> Response[str]:
    """The problem that a refusal is. `statuses` says which status it has; else 422."""
    known = {**_STATUSES, **statuses}
    status = next((known[kind] for kind in type(refusal).__mro__ if kind in known), None)
    return problem(status or HTTPStatus.UNPROCESSABLE_ENTITY, refusal.code, refusal.detail)


def refused_at(pointer: str, refusal: DomainError) -> Response[str]:
    """The problem that a refusal of one member of the body is."""
    faults = [{"pointer": pointer, "detail": refusal.detail}]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.code, refusal.detail, errors=faults)


def malformed(faults: Sequence[Mapping[str, Any]]) -> Response[str]:
    """The problem that pydantic's faults of a request are, each with its place: `("body", "items", 0)`."""
    status = HTTPStatus.BAD_REQUEST if any(map(_is_unread, faults)) else HTTPStatus.UNPROCESSABLE_ENTITY
    found = [{"pointer": _pointer(fault), "detail": _detail(fault)} for fault in faults]
    return problem(status, "invalid_request", "The request is not what this route expects.", errors=found)


def answer_failures(app: APIGatewayRestResolver, statuses: Statuses) -> None:
    """Make `app` answer every failure as a problem. `statuses` says which status a refusal has; else 422."""
    app.exception_handler(DomainError)(partial(refused, statuses=statuses))

    @app.exception_handler(Exception)
    def fault(_: Exception) -> Response[str]:
        logger.exception("request failed")
        request_id = app.current_event.request_context.request_id
        detail = "The fault is ours. Ask for help with this request id."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", detail, requestId=request_id)

    app.exception_handler(RequestValidationError)(lambda error: malformed(error.errors()))
    app.exception_handler(ConcurrentUpdate)(_overtaken)
    app.exception_handler(NotFoundError)(_no_route)


def _overtaken(_: ConcurrentUpdate) -> Response[str]:
    return problem(HTTPStatus.CONFLICT, "concurrent_update", "It was changed meanwhile: read it again.")


def _no_route(_: NotFoundError) -> Response[str]:
    return problem(HTTPStatus.NOT_FOUND, "no_such_route", "There is no such route.")


def _is_unread(fault: Mapping[str, Any]) -> bool:
    """What is not JSON, or no object, or leaves open which value is meant."""
    return fault["type"] == "json_invalid" or fault["loc"] == ("body",) or fault["input"] is REPEATED


def _detail(fault: Mapping[str, Any]) -> str:
    return "Give this member once." if fault["input"] is REPEATED else str(fault["msg"])


def _pointer(fault: Mapping[str, Any]) -> str:
    """RFC 6901, within the body: `/items/0/price`. Other places keep their name: `/query/limit`."""
    if fault["type"] == "json_invalid":
        return ""  # its place is a character, not a field
    place = fault["loc"][1:] if fault["loc"][0] == "body" else fault["loc"]
    names = (str(part)[:_LONGEST_NAME] for part in place)
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)
