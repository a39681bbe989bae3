"""CloudFormation: nested stacks that are stacks of their own, and what a template may contain."""

from embedded import nested_stacks, sam_transform, template_resources
from embedded.settings import Settings


def install(settings: Settings) -> None:
    sam_transform.install()
    nested_stacks.install()
    template_resources.install()
