"""REST APIs behind API Gateway: one resolver, one way to say what went wrong (RFC 9457), one caller."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from jetbridge.kernel.errors import ConcurrentUpdate, DomainError, Forbidden, NotFound
from jetbridge.runtime.observability import correlate, logger

PROBLEM_JSON = "application/problem+json"
_STATUSES: dict[type[DomainError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
}
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Body(BaseModel):
    """What travels in an API body: camelCase, frozen; unknown fields are refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")

    def to_wire(self) -> str:
        return self.model_dump_json(by_alias=True, exclude_none=True)


class Caller(BaseModel):
    """Who calls, as the user pool's ID token says. `subject` never changes; `username` may."""

    model_config = ConfigDict(frozen=True)

    subject: str
    username: str
    groups: frozenset[str]

    def require(self, group: str) -> None:
        if group not in self.groups:
            raise Forbidden(f"this route is for the group {group}")


def caller_of(event: APIGatewayProxyEvent) -> Caller:
    """API Gateway has verified the token; its claims arrive as strings, groups joined by commas."""
    claims: dict[str, Any] = event.request_context.authorizer.claims or {}
    groups = claims.get("cognito:groups", "")
    names = groups if isinstance(groups, list) else re.split(r"[,\s\[\]]+", groups)
    return Caller(
        subject=claims["sub"],
        username=claims["cognito:username"],
        groups=frozenset(name for name in names if name),
    )


def api(statuses: Mapping[type[DomainError], HTTPStatus] | None = None) -> APIGatewayRestResolver:
    """A resolver that validates requests by their types and answers every failure as a problem.

    Numbers are read as Decimal, never as float. `statuses` says which status a refusal has; else 422.
    """
    app = APIGatewayRestResolver(
        enable_validation=True, json_body_deserializer=partial(json.loads, parse_float=Decimal)
    )
    known = _STATUSES | dict(statuses or {})

    @app.exception_handler(DomainError)
    def refused(refusal: DomainError) -> Response[str]:
        status = next((known[kind] for kind in type(refusal).__mro__ if kind in known), None)
        return problem(status or HTTPStatus.UNPROCESSABLE_ENTITY, refusal.code, refusal.detail)

    @app.exception_handler(RequestValidationError)
    def malformed(error: RequestValidationError) -> Response[str]:
        faults = error.errors()
        broken = any(fault["type"] == "json_invalid" for fault in faults)
        status = HTTPStatus.BAD_REQUEST if broken else HTTPStatus.UNPROCESSABLE_ENTITY
        found = [{"pointer": _pointer(fault["loc"]), "detail": fault["msg"]} for fault in faults]
        return problem(status, "invalid_request", "The request is not what this route expects.", errors=found)

    @app.exception_handler(ConcurrentUpdate)
    def overtaken(_: ConcurrentUpdate) -> Response[str]:
        return problem(HTTPStatus.CONFLICT, "concurrent_update", "It was changed meanwhile: read it again.")

    @app.exception_handler(NotFoundError)
    def no_route(_: NotFoundError) -> Response[str]:
        return problem(HTTPStatus.NOT_FOUND, "no_such_route", "There is no such route.")

    @app.exception_handler(Exception)
    def fault(_: Exception) -> Response[str]:
        logger.exception("request failed")
        request_id = app.current_event.request_context.request_id
        detail = "The fault is ours. Ask for help with this request id."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", detail, requestId=request_id)

    return app


def serve(
    app: APIGatewayRestResolver, event: dict[str, Any], context: LambdaContext, *, allow_origin: str
) -> dict[str, Any]:
    """Answer one request. Every answer carries the correlation id and the CORS header."""
    request = APIGatewayProxyEvent(event)
    correlation_id = correlation_of(request)
    correlate(correlation_id)
    answer: dict[str, Any] = app.resolve(event, context) if _is_json(request) else _not_json()
    answer["multiValueHeaders"] |= {
        "X-Correlation-Id": [correlation_id],
        "Access-Control-Allow-Origin": [allow_origin],
    }
    return answer


def _is_json(request: APIGatewayProxyEvent) -> bool:
    media_type = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    return not request.body or media_type == "application/json"


def _not_json() -> dict[str, Any]:
    detail = "Send the body as JSON, with the header Content-Type: application/json."
    refusal = problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", detail)
    return {
        "statusCode": refusal.status_code,
        "multiValueHeaders": {"Content-Type": [PROBLEM_JSON]},
        "body": refusal.body,
        "isBase64Encoded": False,
    }


def correlation_of(event: APIGatewayProxyEvent) -> str:
    """The client's `X-Correlation-Id` if it is a harmless token, else the request's id."""
    given = event.headers.get("X-Correlation-Id", "")
    return given if _CORRELATION_ID.fullmatch(given) else event.request_context.request_id or "none"


def answer(status: HTTPStatus, body: Body, location: str | None = None) -> Response[str]:
    headers: dict[str, str | list[str]] = {"Location": location} if location else {}
    return Response(int(status), content_types.APPLICATION_JSON, body.to_wire(), headers=headers)


def problem(status: HTTPStatus, code: str, detail: str, **more: Any) -> Response[str]:
    """RFC 9457: `type` and `title` tell the kind, `detail` this case; `code` is stable for programs."""
    told = {"type": f"urn:jetbridge:problem:{code}", "title": status.phrase, "status": int(status)}
    return Response(int(status), PROBLEM_JSON, json.dumps({**told, "code": code, "detail": detail, **more}))


def _pointer(place: tuple[int | str, ...]) -> str:
    """`("body", "items", 0, "price")` as `/items/0/price`; other places keep their name: `/query/limit`."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in place]
    return "/" + "/".join(parts[1:] if parts[:1] == ["body"] else parts)
