"""What is made from contracts, handlers and templates: events/schemas/, docs/events.md, docs/openapi.json.

usage: python -m checks.exports [--write]     without --write: fails if a file is not as it would be made
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checks.catalogue import events
from checks.event_pages import page
from checks.openapi import document
from checks.templates import ROOT
from jetbridge.contracts.envelope import Envelope, EventData

SCHEMAS = ROOT / "events" / "schemas"
PAGE = ROOT / "docs" / "events.md"
OPENAPI = ROOT / "docs" / "openapi.json"


def exports() -> dict[Path, str]:
    """Everything that is made, by the file that it belongs into."""
    schemas = {SCHEMAS / f"{event.__name__}.json": _text(schema_of(event)) for event in events()}
    return {**schemas, PAGE: page(), OPENAPI: _text(document())}


def schema_of(event: type[EventData]) -> dict[str, Any]:
    """JSON Schema of the envelope with this event in it."""
    envelope: type[Envelope[EventData]] = Envelope[event]  # type: ignore[valid-type]
    schema = envelope.model_json_schema()
    schema["$defs"]["Metadata"]["properties"]["type"] = {"const": event.__name__}
    told = {"title": event.__name__, "description": event.__doc__}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:jetbridge:event:{event.__name__}:{event.version}",
        **schema,
        **told,
    }


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2) + "\n"


def stale(made: dict[Path, str]) -> Iterator[Path]:
    """Files that are missing, differ, or belong to an event that is no more."""
    yield from (path for path, text in made.items() if not path.exists() or path.read_text() != text)
    yield from sorted(set(SCHEMAS.glob("*")) - made.keys())


def write(made: dict[Path, str]) -> None:
    for path in stale(made):
        if path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path])
        else:
            path.unlink()


def main(arguments: list[str]) -> int:
    made = exports()
    if "--write" in arguments:
        write(made)
        return 0
    found = [str(path.relative_to(ROOT)) for path in stale(made)]
    if found:
        print(f"Not as contracts, handlers and templates say: {', '.join(found)}. Run `make exports`.")
        return 1
    print(f"{len(made)} exports are as contracts, handlers and templates say")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
