"""docs/events.md: each event, who tells it, who hears it, and its fields."""

from collections.abc import Iterator
from typing import Any

from checks.catalogue import consumers_of, events, on_bus, producer_of
from jetbridge.contracts.envelope import EventData, Metadata

_HEAD = """# Events

Made from the contracts and the templates by `make exports`; do not edit.

Every event is `{"metadata": {...}, "data": {...}}`: on the bus as `detail`, with the source
`jetbridge.{service}` and the event's name as `detail-type`; on the FIFO topic `payment-events` as the
message itself. JSON Schemas are in [events/schemas](../events/schemas), a sample of each in
`events/{service}/`. Readers ignore fields that they do not know. Everything is delivered at least once; what
has the same `event_id` is the same event.
"""


_PLAIN_KINDS = {
    ("integer", None): "whole number",
    ("string", None): "text",
    ("string", "date-time"): "time",
}


def page() -> str:
    blocks = [_HEAD, "## Metadata\n", _fields(Metadata.model_json_schema()), "", "## Who tells, who hears\n"]
    blocks += [*_overview(), ""]
    for event in events():
        blocks += [*_section(event)]
    return "\n".join(blocks).rstrip() + "\n"


def _overview() -> Iterator[str]:
    yield "| Event | Told by | Heard by | On | Version |\n|---|---|---|---|---|"
    for event in events():
        name, medium = event.__name__, "bus" if on_bus(event) else "FIFO topic"
        heard_by = ", ".join(consumers_of(event)) or "nobody yet"
        link = f"[{name}](#{name.lower()})"
        yield f"| {link} | {producer_of(event)} | {heard_by} | {medium} | {event.version} |"


def _section(event: type[EventData]) -> Iterator[str]:
    yield f"## {event.__name__}\n"
    yield f"{' '.join((event.__doc__ or '').split())}\n"
    yield _fields(event.model_json_schema())
    yield ""


def _fields(schema: dict[str, Any]) -> str:
    required, known = schema.get("required", []), schema.get("$defs", {})
    rows = [
        f"| `{name}` | {_kind(field, known)} | {'always' if name in required else 'not always'} |"
        for name, field in schema["properties"].items()
    ]
    return "\n".join(["| Field | Is | There |", "|---|---|---|", *rows])


def _meant(field: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """What a field refers to; of a field that may be null, what else it is, since null is left out."""
    if "anyOf" in field:
        return _meant(field["anyOf"][0], known)
    return _meant(known[field["$ref"].rpartition("/")[2]], known) if "$ref" in field else field


def _kind(field: dict[str, Any], known: dict[str, Any]) -> str:
    """A type in words, from its JSON Schema."""
    field = _meant(field, known)
    match field:
        case {"type": "object", "properties": dict(fields)}:
            return "{" + ", ".join(f"`{name}`: {_kind(inner, known)}" for name, inner in fields.items()) + "}"
        case {"type": "array", "items": dict(items)}:
            return f"list of {_kind(items, known)}"
        case {"enum": [*options]}:
            return " or ".join(f"`{option}`" for option in options)
        case {"type": "integer", "minimum": int(least)}:
            return f"whole number, at least {least}"
    return _PLAIN_KINDS[field["type"], field.get("format")]
