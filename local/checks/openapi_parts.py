"""One route as a part of the OpenAPI document: from its handler's types, or from its template."""

import json
import re
from importlib import import_module
from typing import Any

from checks.api_routes import Route, schemas_of
from checks.templates import ROOT

type Json = dict[str, Any]

# The sample whose message is the example of a route that has no function.
_QUEUED = {"/orders/batch": "place_batch"}


def part_of(route: Route) -> Json:
    """`paths` and `components` of this route alone; schemas are named by service, since names recur."""
    part = _of_handler(route, route.module) if route.module else _of_template(route)
    example = _example(route)
    if example:
        for content in part["paths"][route.path][route.method]["requestBody"]["content"].values():
            content["example"] = example
    return part


def _of_handler(route: Route, module: str) -> Json:
    handler = import_module(module)
    told = handler.app.get_openapi_json_schema()
    found = json.loads(
        re.sub(r"#/components/schemas/(\w+)", rf"#/components/schemas/{route.service}.\1", told)
    )
    operation: Json = next(
        methods[route.method]
        for path, methods in found["paths"].items()
        if _camel(path) == route.path and route.method in methods
    )
    ours = {status: it for status, it in operation["responses"].items() if "ValidationError" not in str(it)}
    operation |= {
        "summary": (handler.__doc__ or "").partition("\n")[0].partition(": ")[2],
        "operationId": _camel(_function_of(handler, route)),
        "parameters": [_parameter(it) for it in operation.get("parameters", [])],
        "responses": ours,
    }
    schemas = {
        f"{route.service}.{name}": it
        for name, it in found["components"]["schemas"].items()
        if "ValidationError" not in name
    }
    return {"paths": {route.path: {route.method: operation}}, "components": {"schemas": schemas}}


def _function_of(handler: Any, route: Route) -> str:
    """The name of the function that serves the route."""
    served = handler.app._static_routes + handler.app._dynamic_routes
    (name,) = {
        it.func.__name__
        for it in served
        if _camel(it.openapi_path) == route.path and it.method.lower() == route.method
    }
    return str(name)


def _parameter(found: Json) -> Json:
    if found["in"] == "path":
        return found | {"name": _camel(found["name"])}
    return found | {"name": found["name"].title()} if found["in"] == "header" else found


def _of_template(route: Route) -> Json:
    models = schemas_of(route.service)
    operation: Json = {
        "summary": route.declared.get("summary", ""),
        "operationId": f"{route.method}{''.join(part.title() for part in route.path.split('/'))}",
        "responses": {
            status: it for status, it in route.declared["responses"].items() if status.startswith("2")
        },
    }
    schemas: Json = {}
    if body := route.declared.get("requestBody"):
        content = body["content"]["application/json"]
        name = content["schema"]["$ref"].rpartition("/")[2]
        schemas[f"{route.service}.{name}"] = models[name]
        schema = {"$ref": f"#/components/schemas/{route.service}.{name}"}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"paths": {route.path: {route.method: operation}}, "components": {"schemas": schemas}}


def _example(route: Route) -> Any:
    """The body of the sample of this route with the shortest name: those of failures say more."""
    folder = ROOT / "events" / route.service.replace("-", "_")
    if name := _QUEUED.get(route.path):
        return json.loads(json.loads((folder / f"{name}.json").read_text())["Records"][0]["body"])
    samples = {path: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    ours = [
        path
        for path, it in samples.items()
        if isinstance(it, dict)
        and (it.get("resource"), str(it.get("httpMethod")).lower()) == (route.path, route.method)
        and it.get("body")
    ]
    if not ours:
        return None
    shortest = samples[min(ours, key=lambda path: (len(path.stem), path.stem))]
    kind = {name.lower(): value for name, value in shortest["headers"].items()}["content-type"]
    return json.loads(shortest["body"]) if kind.startswith("application/json") else shortest["body"]


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)
