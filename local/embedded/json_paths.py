"""The JSON paths of Pipes and API Gateway templates: `$.a.b[0]['c']` and nothing more."""

import json
import re
from typing import Any

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|\['([^']+)'\]|\[\"([^\"]+)\"\]")


def find(document: Any, path: str) -> Any:
    """What `path` leads to, or None. A string on the way is read as JSON if it is JSON, as bodies are."""
    found = document
    for name, index, quoted, double_quoted in _STEP.findall(path.removeprefix("$")):
        if isinstance(found, str):
            found = _parsed(found)
        if index:
            found = found[int(index)] if isinstance(found, list) and int(index) < len(found) else None
        else:
            found = found.get(name or quoted or double_quoted) if isinstance(found, dict) else None
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
