"""What a route says of itself for docs/openapi.json, beyond what its types say."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from jetbridge.runtime.http import Body


def answers(status: HTTPStatus, body: type[Body]) -> dict[int, OpenAPIResponse]:
    """The answer when all is well. Problems are the same everywhere, so no route names them."""
    return {
        int(status): {"description": status.phrase, "content": {"application/json": {"model": body}}},
    }


def takes(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A body that the handler reads by itself."""
    content = {media_type: {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}
