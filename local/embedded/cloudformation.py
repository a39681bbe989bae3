"""CloudFormation: nested stacks that are stacks of their own, and what a template may contain."""

from typing import Any

from ministack.core.responses import get_region
from ministack.services.cloudformation import handlers

from embedded import nested_stacks, sam_transform, template_resources
from embedded.overlay import wrap
from embedded.settings import Settings


def install(settings: Settings) -> None:
    sam_transform.install()
    nested_stacks.install()
    template_resources.install()

    @wrap(handlers, "_get_template", "params")
    def template(original: Any, params: Any) -> Any:
        """`sam delete` looks for what `sam deploy` uploaded at S3's address, not at ours."""
        status, headers, body = original(params)
        address = f"https://s3.{get_region()}.amazonaws.com"
        return status, headers, body.replace(settings.url.encode(), address.encode())
