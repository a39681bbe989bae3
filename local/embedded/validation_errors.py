"""What is wrong with a request body, in the words of API Gateway's `$context.error.validationErrorString`."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ministack.services import apigateway_v1 as gateway

Schema = dict[str, Any]


def describe(schema: Schema, document: Any) -> str:
    return f"[{', '.join(_faults(schema, document, schema, ''))}]"


def _faults(schema: Schema, value: Any, root: Schema, where: str) -> Iterator[str]:
    if "$ref" in schema:
        found, root = gateway._resolve_schema_ref(schema["$ref"], root)
        yield from _faults(found or {}, value, root, where)
        return
    types = schema.get("type") or []
    allowed = [types] if isinstance(types, str) else list(types)
    if allowed and not any(gateway._JSON_TYPES[each](value) for each in allowed):
        yield (
            f"{where}instance type ({_type(value)}) does not match any allowed primitive type "
            f"(allowed: {_listed(allowed)})"
        )
        return
    if "enum" in schema and value not in schema["enum"]:
        possible = _listed(schema["enum"])
        yield f"{where}instance value ({json.dumps(value)}) not found in enum (possible values: {possible})"
    yield from (f"{where}{fault}" for fault in _bounds(schema, value))
    if isinstance(value, dict):
        yield from _of_object(schema, value, root, where)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for each in value:
            yield from _faults(schema["items"], each, root, where)


def _of_object(schema: Schema, value: dict[str, Any], root: Schema, where: str) -> Iterator[str]:
    properties = schema.get("properties") or {}
    if missing := sorted(set(schema.get("required") or []) - set(value)):
        yield f"{where}object has missing required properties ({_listed(missing)})"
    unwanted = sorted(set(value) - set(properties))
    if schema.get("additionalProperties") is False and unwanted:
        names = _listed(unwanted)
        yield f"{where}object instance has properties which are not allowed by the schema: {names}"
    for name, each in properties.items():
        if name in value:
            yield from _faults(each, value[name], root, where)


def _bounds(schema: Schema, value: Any) -> Iterator[str]:
    if isinstance(value, str):
        size = len(value)
        if size < (least := schema.get("minLength", 0)):
            yield f'string "{value}" is too short (length: {size}, required minimum: {least})'
        if size > (most := schema.get("maxLength", size)):
            yield f'string "{value}" is too long (length: {size}, maximum allowed: {most})'
        if not re.search(pattern := schema.get("pattern", ""), value):
            yield f'ECMA 262 regex "{pattern}" does not match input string "{value}"'
    if isinstance(value, list) and len(value) < (least := schema.get("minItems", 0)):
        elements = f"must have at least {least} elements but instance has {len(value)} elements"
        yield f"array is too short: {elements}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < (least := schema.get("minimum", value)):
            yield f"numeric instance is lower than the required minimum (minimum: {least}, found: {value})"
        if value > (most := schema.get("maximum", value)):
            yield f"numeric instance is greater than the required maximum (maximum: {most}, found: {value})"


def _type(value: Any) -> str:
    return next(str(name) for name, is_of in gateway._JSON_TYPES.items() if is_of(value))


def _listed(names: list[Any]) -> str:
    return json.dumps(names, separators=(",", ":"))
