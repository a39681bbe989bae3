"""docs/openapi.json holds every route, and what it shows is what the handlers take."""

import json
from importlib import import_module
from typing import Any, get_type_hints

import jsonschema
import pytest
from aws_lambda_powertools.event_handler.openapi.models import OpenAPI
from pydantic import TypeAdapter

from checks.api_routes import NOT_OURS, Route, routes
from checks.templates import PATHS, ROOT, load
from orders.handlers.order_batches import BatchBody, BatchOrderBody
from orders.handlers.price_file import read_prices

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text())
OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    (method, path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
EACH = pytest.mark.parametrize(("method", "path"), OPERATIONS)
WITH_FUNCTION = {(route.method, route.path): route for route in routes() if route.module}


def routed() -> set[tuple[str, str]]:
    """What API Gateway hands on, by every way in which a template can say it."""
    found = set()
    for template in map(load, PATHS):
        for function in template.functions().values():
            events = function.get("Events", {}).values()
            found |= {
                (it["Properties"]["Method"].lower(), it["Properties"]["Path"])
                for it in events
                if it["Type"] == "Api"
            }
        for api in template.resources("Serverless::Api").values():
            for path, methods in api.get("DefinitionBody", {}).get("paths", {}).items():
                found |= {(method, path) for method in methods if method != "options"}
    return found


def references(value: Any) -> set[str]:
    match value:
        case {"$ref": str(place)}:
            return {place}
        case dict():
            return set().union(*map(references, value.values()))
        case list():
            return set().union(*map(references, value))
    return set()


def body_of(route: Route) -> Any:
    """The type of the body that a handler's function takes; None if it takes none."""
    handler = import_module(str(route.module))
    operation = OPERATIONS[route.method, route.path]
    (function,) = (it for name, it in vars(handler).items() if camel(name) == operation["operationId"])
    return get_type_hints(function, include_extras=True).get("body")


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def test_every_route_is_there_and_no_other() -> None:
    assert set(OPERATIONS) == {(method, path) for method, path in routed() if path not in NOT_OURS}


def test_it_is_openapi_3_1_and_what_it_refers_to_is_in_it() -> None:
    assert OpenAPI.model_validate(DOCUMENT).openapi == "3.1.0"
    for place in references(DOCUMENT):
        found: Any = DOCUMENT
        for part in place.removeprefix("#/").split("/"):
            found = found[part]


@EACH
def test_an_operation_says_what_it_does_who_may_and_what_it_answers(method: str, path: str) -> None:
    operation = OPERATIONS[method, path]
    assert operation["summary"]
    assert {name for needed in operation["security"] for name in needed} <= {"token", "partnerKey"}
    assert bool(operation["security"]) == ("401" in operation["responses"])
    assert {"429", "4XX", "5XX"} <= set(operation["responses"])
    (good,) = (answer for status, answer in operation["responses"].items() if status < "3")
    if (method, path) in WITH_FUNCTION:
        assert good["content"]["application/json"]["schema"]["$ref"]


def test_names_of_operations_are_unique() -> None:
    assert len({it["operationId"] for it in OPERATIONS.values()}) == len(OPERATIONS)


@EACH
def test_a_body_has_an_example_that_its_schema_takes(method: str, path: str) -> None:
    for content in OPERATIONS[method, path].get("requestBody", {}).get("content", {}).values():
        schema = {**content["schema"], "components": DOCUMENT["components"]}
        jsonschema.validate(content["example"], schema, jsonschema.Draft202012Validator)


@pytest.mark.parametrize(("method", "path"), WITH_FUNCTION)
def test_an_example_is_what_the_handler_takes(method: str, path: str) -> None:
    body = body_of(WITH_FUNCTION[method, path])
    if body is not None:
        content = OPERATIONS[method, path]["requestBody"]["content"]
        TypeAdapter(body).validate_python(content["application/json"]["example"])


def test_the_examples_that_handlers_read_by_themselves_are_good_too() -> None:
    batch = OPERATIONS["post", "/orders/batch"]["requestBody"]["content"]["application/json"]["example"]
    for order in BatchBody.model_validate(batch).orders:
        BatchOrderBody.model_validate(order)
    prices = OPERATIONS["post", "/products/imports"]["requestBody"]["content"]["text/csv"]["example"]
    good, faults = read_prices(prices, "USD")
    assert good
    assert not faults


@pytest.mark.parametrize(("method", "path"), [("post", "/orders"), ("post", "/bookings")])
def test_routes_that_are_idempotent_by_key_show_the_header(method: str, path: str) -> None:
    headers = {it["name"] for it in OPERATIONS[method, path]["parameters"] if it["in"] == "header"}
    assert "Idempotency-Key" in headers
