"""CloudFormation: nested stacks that are stacks of their own, and what a template may contain."""

import asyncio
import contextvars
import time
from typing import Any

from ministack.core.responses import get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

from embedded import nested_stacks, sam_transform, template_resources
from embedded.overlay import wrap
from embedded.settings import Settings

DELETED_WITHIN_SECONDS = 25.0
POLL_SECONDS = 0.02

_deleting: contextvars.ContextVar[Any] = contextvars.ContextVar("deleting", default=None)


def install(settings: Settings) -> None:
    sam_transform.install()
    nested_stacks.install()
    template_resources.install()
    _serve_sam_delete(settings)


def _serve_sam_delete(settings: Settings) -> None:
    @wrap(handlers, "_get_template", "params")
    def template(original: Any, params: Any) -> Any:
        """It looks for what `sam deploy` uploaded at S3's address, not at ours."""
        status, headers, body = original(params)
        address = f"https://s3.{get_region()}.amazonaws.com"
        return status, headers, body.replace(settings.url.encode(), address.encode())

    @wrap(handlers, "_delete_stack", "params")
    def delete(original: Any, params: Any) -> Any:
        _deleting.set(handlers._resolve_stack(handlers._p(params, "StackName")))
        return original(params)

    @wrap(cloudformation, "handle_request", "method path headers body query_params")
    async def handle(original: Any, *request: Any) -> Any:
        """It asks at once whether a stack is gone, and then only after half a minute: so answer late."""
        _deleting.set(None)
        answer, deadline = await original(*request), time.monotonic() + DELETED_WITHIN_SECONDS
        stack = _deleting.get()
        while stack and answer[0] < 400 and time.monotonic() < deadline:
            if stack["StackStatus"] in ("DELETE_COMPLETE", "DELETE_FAILED"):
                break
            await asyncio.sleep(POLL_SECONDS)
        return answer
