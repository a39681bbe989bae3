"""CloudFormation: nested stacks that are stacks of their own, and what a template may contain."""

from embedded import nested_stacks
from embedded.settings import Settings


def install(settings: Settings) -> None:
    nested_stacks.install()
