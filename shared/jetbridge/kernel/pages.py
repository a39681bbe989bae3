"""Lists that are told a part at a time."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page[Item]:
    """Some items of a list; `cursor` asks for the next ones, None ends it. A page may be short or empty."""

    items: Sequence[Item]
    cursor: str | None
