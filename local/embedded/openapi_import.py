"""A REST API from an OpenAPI document: what ministack's import leaves out, and an id that stays."""

import json
from typing import Any

from ministack.services import apigateway_v1 as gateway
from ministack.services.cloudformation import provisioners

from embedded.overlay import wrap

INTEGRATION_FIELDS = (
    "credentials",
    "requestTemplates",
    "requestParameters",
    "passthroughBehavior",
    "timeoutInMillis",
    "contentHandling",
)
PLACES = {"query": "querystring", "header": "header", "path": "path"}

Spec = dict[str, Any]


def install() -> None:
    gateway._OPENAPI_HTTP_METHODS.add("x-amazon-apigateway-any-method")

    @wrap(gateway, "_import_rest_api", "spec base_data")
    def import_api(original: Any, spec: Spec, base_data: Any = None) -> str:
        api_id = str(original(spec, base_data))
        _complete(api_id, spec)
        return api_id

    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::RestApi"]
    original_update = handlers["update"]

    def update(physical_id: str, old: Spec, new: Spec, *rest: Any) -> Any:
        """AWS imports into the same API: its id, and so its URL, stays."""
        if new.get("Body") == old.get("Body") or not isinstance(new.get("Body"), dict):
            return original_update(physical_id, old, new, *rest)
        fresh = gateway._import_rest_api(new["Body"], {"name": gateway._rest_apis[physical_id]["name"]})
        for parts in (*_parts(), gateway._gateway_responses):
            parts[physical_id] = parts.pop(fresh, {})
        gateway._delete_rest_api(fresh)
        return original_update(physical_id, {**old, "Body": new["Body"]}, new, *rest)

    handlers["update"] = update


def _parts() -> tuple[dict[str, Any], ...]:
    return gateway._resources, gateway._authorizers_v1, gateway._models, gateway._request_validators


def _complete(api_id: str, spec: Spec) -> None:
    validators = _validators(api_id, spec)
    schemas = spec.get("definitions") or (spec.get("components") or {}).get("schemas") or {}
    for name, schema in schemas.items():
        whole = {**schema, "definitions": schemas, "components": {"schemas": schemas}}
        gateway._create_model(api_id, {"name": name, "schema": json.dumps(whole)})
    for kind, response in (spec.get("x-amazon-apigateway-gateway-responses") or {}).items():
        gateway._put_gateway_response(api_id, kind, {k: v for k, v in response.items() if v is not None})
    by_path = {resource["path"]: resource for resource in gateway._resources[api_id].values()}
    for path, operations in (spec.get("paths") or {}).items():
        for verb, operation in operations.items():
            method = by_path[path]["resourceMethods"].pop(verb.upper(), None)
            if method is None:
                continue
            verb = "ANY" if verb == "x-amazon-apigateway-any-method" else verb.upper()  # noqa: PLW2901
            by_path[path]["resourceMethods"][verb] = {**method, "httpMethod": verb}
            _complete_method(
                by_path[path]["resourceMethods"][verb], operation or {}, spec, validators, operations
            )


def _validators(api_id: str, spec: Spec) -> dict[str, str]:
    """Ids of the document's request validators by name."""
    declared = spec.get("x-amazon-apigateway-request-validators") or {}
    created = {
        name: gateway._create_request_validator(api_id, {"name": name, **each})
        for name, each in declared.items()
    }
    return {name: json.loads(response[2])["id"] for name, response in created.items()}


def _complete_method(
    method: Spec, operation: Spec, spec: Spec, validators: dict[str, str], siblings: Spec
) -> None:
    key = "x-amazon-apigateway-request-validator"
    method["requestValidatorId"] = validators.get(operation.get(key) or spec.get(key) or "")
    parameters = [*(siblings.get("parameters") or []), *(operation.get("parameters") or [])]
    method["requestParameters"] = {
        f"method.request.{PLACES[each['in']]}.{each['name']}": bool(each.get("required"))
        for each in parameters
        if each.get("in") in PLACES
    }
    method["requestModels"] = _request_models(parameters, operation)
    integration, found = (
        method.get("methodIntegration"),
        operation.get("x-amazon-apigateway-integration") or {},
    )
    if integration is not None:
        integration.update({field: found[field] for field in INTEGRATION_FIELDS if field in found})
        integration["integrationResponses"] = _responses(found)


def _request_models(parameters: list[Spec], operation: Spec) -> dict[str, str]:
    """Model names by content type; Swagger 2 has one body parameter, OpenAPI 3 a request body."""
    contents = (operation.get("requestBody") or {}).get("content") or {}
    schemas = {kind: content.get("schema") or {} for kind, content in contents.items()}
    bodies = [each.get("schema") or {} for each in parameters if each.get("in") == "body"]
    if bodies:
        schemas["application/json"] = bodies[0]
    return {kind: schema["$ref"].rsplit("/", 1)[1] for kind, schema in schemas.items() if "$ref" in schema}


def _responses(integration: Spec) -> dict[str, Spec]:
    """By status code, or by pattern where several patterns share one; `default` has no pattern."""
    responses: dict[str, Spec] = {}
    for pattern, declared in (integration.get("responses") or {}).items():
        response = {**(declared or {}), "statusCode": str((declared or {}).get("statusCode", "200"))}
        if pattern != "default":
            response["selectionPattern"] = pattern
        responses[pattern if response["statusCode"] in responses else response["statusCode"]] = response
    return responses
