"""docs/openapi.json: the routes of all services in one document, merged by Powertools."""

from typing import Any

from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge

from checks.api_routes import PARTNER, TOKEN, routes
from checks.openapi_parts import part_of

type Json = dict[str, Any]

_OF_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_FAULT = {
    "type": "object",
    "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "requestId")},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs"},
        "errors": {"type": "array", "items": _FAULT, "description": "Each fault with its JSON pointer"},
    },
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
_COMPONENTS: Json = {
    "schemas": {"Problem": _PROBLEM},
    "responses": {
        "Problem": {"description": "What is wrong, as RFC 9457 has it", "content": _OF_PROBLEM},
        "Unauthorized": {"description": "No token, or not a valid one", "content": _OF_PROBLEM},
        "TooManyRequests": {"description": "Later", "headers": _RETRY_AFTER, "content": _OF_PROBLEM},
    },
    "securitySchemes": {
        "token": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "An ID token of the user pool, with or without `Bearer`",
        },
        "partnerKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    },
}
_FAILURES = {
    "429": {"$ref": "#/components/responses/TooManyRequests"},
    "4XX": {"$ref": "#/components/responses/Problem"},
    "5XX": {"$ref": "#/components/responses/Problem"},
}
_NEEDS_TOKEN = {"401": {"$ref": "#/components/responses/Unauthorized"}}


def document() -> Json:
    """Every route of the templates but those that stand in for others."""
    merge = OpenAPIMerge(title="Jetbridge", version="1.0", openapi_version="3.1.0", on_conflict="error")
    for route in routes():
        part = part_of(route)
        operation = part["paths"][route.path][route.method]
        failures = _FAILURES | (_NEEDS_TOKEN if route.security in (TOKEN, PARTNER) else {})
        operation["responses"] = {**operation["responses"], **failures}
        operation |= {"tags": [route.service], "security": route.security}
        merge.add_schema(part)
    merged = merge.get_openapi_schema()
    found = merged["components"]["schemas"]
    schemas = dict(sorted({**found, **_COMPONENTS["schemas"]}.items()))
    server = {"url": "/", "description": "The service's own base URL: its stack's output ApiUrl"}
    return {**merged, "servers": [server], "components": {**_COMPONENTS, "schemas": schemas}}
