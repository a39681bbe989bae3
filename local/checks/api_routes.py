"""The routes of all REST APIs, read from the templates."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from checks.templates import PATHS, Template, load

# What the stand-ins answer in the place of others, in a shape of theirs; it is not for customers.
NOT_OURS = {
    "/v1/payment_intents",
    "/v1/payment_intents/{intentId}",
    "/v1/refunds",
    "/v1/transfers/{reference}",
}

type Security = list[dict[str, list[str]]]

TOKEN: Security = [{"token": []}]
PARTNER: Security = [{"token": [], "partnerKey": []}]


@dataclass(frozen=True, slots=True)
class Route:
    """`module` is the handler's; None for a route that API Gateway hands to a service of AWS itself.

    `declared` is what the template says of it as OpenAPI, if it does.
    """

    service: str
    method: str
    path: str
    module: str | None
    security: Security
    declared: dict[str, Any] = field(default_factory=dict)


def routes() -> list[Route]:
    found = [route for path in PATHS for route in _routes_of(load(path)) if route.path not in NOT_OURS]
    return sorted(found, key=lambda route: (route.service, route.path, route.method))


def schemas_of(service: str) -> dict[str, Any]:
    """What the template of a service calls its models."""
    found: dict[str, Any] = {}
    for template in map(load, PATHS):
        if template.name == service:
            for api in template.resources("Serverless::Api").values():
                found |= api.get("DefinitionBody", {}).get("components", {}).get("schemas", {})
    return found


def _routes_of(template: Template) -> Iterator[Route]:
    declared = _declared(template)
    for function in template.functions().values():
        for event in function.get("Events", {}).values():
            if event["Type"] == "Api":
                told = event["Properties"]
                module = function["Handler"].rpartition(".")[0]
                place = told["Method"].lower(), told["Path"]
                is_open = told.get("Auth", {}).get("Authorizer") == "NONE"
                security = [] if is_open else _security(declared.get(place, {}))
                yield Route(template.name, *place, module, security)
    for (method, path), operation in declared.items():
        if operation.get("x-amazon-apigateway-integration", {}).get("type") == "aws":
            yield Route(template.name, method, path, None, _security(operation), operation)


def _declared(template: Template) -> dict[tuple[str, str], dict[str, Any]]:
    apis = template.resources("Serverless::Api").values()
    return {
        (method, path): operation
        for api in apis
        for path, operations in api.get("DefinitionBody", {}).get("paths", {}).items()
        for method, operation in operations.items()
    }


def _security(operation: dict[str, Any]) -> Security:
    return PARTNER if {"PartnerKey": []} in operation.get("security", []) else TOKEN
