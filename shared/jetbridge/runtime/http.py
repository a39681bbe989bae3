"""REST APIs behind API Gateway: one resolver, one kind of body, one caller."""

import posixpath
import re
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from jetbridge.runtime.cors import cors_headers
from jetbridge.runtime.json_text import read_json
from jetbridge.runtime.observability import correlate
from jetbridge.runtime.problems import PROBLEM_JSON, Statuses, answer_failures, problem

_LARGEST_BODY = 262_144  # characters; the faults of a larger one might not fit into an answer
_LONGEST_ID = 2000  # bytes; a key of DynamoDB may have 2048, and some ids become part of one
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_DECIMAL_TEXT = re.compile(r"\d+(\.\d+)?", re.ASCII)


class Body(BaseModel):
    """What travels in an API body: camelCase, frozen; unknown fields are refused."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True, extra="forbid")

    def to_wire(self) -> str:
        return self.model_dump_json(by_alias=True, exclude_none=True)


class RequestBody(Body):
    """A body as clients write it: camelCase only, while code may make answers by the fields' own names."""

    model_config = ConfigDict(validate_by_name=False)


def _plain(price: object) -> object:
    if isinstance(price, str) and not _DECIMAL_TEXT.fullmatch(price):
        raise PydanticCustomError("price", "Input should be a decimal number such as 50.25")
    return price


# In a request: a JSON number or a decimal text, in the stage's currency. Money.parse checks its digits.
Price = Annotated[Decimal, BeforeValidator(_plain), Field(ge=0, max_digits=12, allow_inf_nan=False)]


class Caller(BaseModel):
    """Who calls, as the user pool's ID token says. `subject` never changes; `username` may."""

    model_config = ConfigDict(frozen=True)

    subject: str
    username: str
    groups: frozenset[str]


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


class _Resolver(APIGatewayRestResolver):
    """A REST API hands on the path as it was sent, percent-encoded: what a route takes of it is decoded."""

    def _convert_matches_into_route_keys(self, match: re.Match[str]) -> dict[str, str]:
        return {name: unquote(value) for name, value in match.groupdict().items()}


def api(statuses: Statuses | None = None) -> APIGatewayRestResolver:
    """A resolver that validates requests by their types and answers every failure as a problem.

    Numbers are read as Decimal, never as float. `statuses` says which status a refusal has; else 422.
    """
    app = _Resolver(enable_validation=True, json_body_deserializer=read_json)
    answer_failures(app, statuses or {})
    return app


def serve(
    app: APIGatewayRestResolver,
    event: dict[str, Any],
    context: LambdaContext,
    *,
    allow_origin: str,
    takes: str = "application/json",
    only_for: str | None = None,
) -> dict[str, Any]:
    """Answer one request. Every answer carries the correlation id and the CORS headers.

    `allow_origin` is as `cors_headers` has it, `takes` the media type of bodies; `only_for` a group: others
    are refused before anything else is looked at.

    A `Location` is a path of this API; it is told relative to the request's, so that it can be followed
    under any stage, domain and base path.
    """
    request = APIGatewayProxyEvent(event | {"path": _path_in_api(event)})
    correlate(correlation_id := correlation_of(request))
    refusal = _refusal_of(request, takes, only_for)
    headers = {**request.headers, "content-type": takes}  # Powertools knows it in lower case only
    answer: dict[str, Any] = refusal or app.resolve(request.raw_event | {"headers": headers}, context)
    answer["multiValueHeaders"] |= {
        "X-Correlation-Id": [correlation_id],
        **cors_headers(allow_origin, request.headers.get("Origin")),
    }
    if paths := answer["multiValueHeaders"].get("Location"):
        here = posixpath.dirname(request.path)
        answer["multiValueHeaders"]["Location"] = [posixpath.relpath(path, here) for path in paths]
    return answer


def _path_in_api(event: dict[str, Any]) -> str:
    """Without the base path under which a custom domain has the API: as many parts as the resource has."""
    parts = event["resource"].strip("/").count("/") + 1
    return "/" + "/".join(event["path"].strip("/").split("/")[-parts:])


def _refusal_of(request: APIGatewayProxyEvent, takes: str, only_for: str | None) -> dict[str, Any] | None:
    """What no route takes: a caller of no such group, two idempotency keys, a body too large or of another
    kind, an id too long."""
    if only_for and only_for not in caller_of(request).groups:
        return _raw(problem(HTTPStatus.FORBIDDEN, "forbidden", f"this route is for the group {only_for}"))
    if len(request.multi_value_headers.get("Idempotency-Key", ())) > 1:
        detail = "Send the header Idempotency-Key once."
        return _raw(problem(HTTPStatus.BAD_REQUEST, "idempotency_key_invalid", detail))
    media_type = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if request.body and media_type != takes:
        detail = f"Send the body as {takes}, and say so in the header Content-Type."
        return _raw(problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"not_{takes.rpartition('/')[2]}", detail))
    if len(request.body or "") > _LARGEST_BODY:
        detail = f"A body has at most {_LARGEST_BODY} characters."
        return _raw(problem(HTTPStatus.CONTENT_TOO_LARGE, "body_too_large", detail))
    if any(len(unquote(part).encode()) > _LONGEST_ID for part in request.path.split("/")):
        return _raw(problem(HTTPStatus.NOT_FOUND, "not_found", "There is nothing with so long an id."))
    return None


def _raw(refusal: Response[str]) -> dict[str, Any]:
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
