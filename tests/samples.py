"""The samples in events/, by service."""

import json
from collections.abc import Callable
from typing import Any

from checks.templates import ROOT


def samples_of(service: str) -> Callable[[str], Any]:
    """Reads a sample of the service by its name."""

    def sample(name: str) -> Any:
        return json.loads((ROOT / "events" / service / f"{name}.json").read_text(encoding="utf-8"))

    return sample


def names_of_samples(service: str) -> set[str]:
    return {path.stem for path in (ROOT / "events" / service).iterdir()}
