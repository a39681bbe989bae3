"""REST APIs as on AWS: validation with its reasons, gateway responses, mocks, integrations, header names."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import unquote

from ministack.services import apigateway_v1 as gateway

from embedded import openapi_import, service_integrations, validation_errors, vtl
from embedded.api_requests import Request, as_sent, context, current, header_names, header_values, render
from embedded.authorization import function_policy_allows
from embedded.overlay import wrap
from embedded.settings import Settings

CONTEXT_VARIABLE = re.compile(r"\$\{?(context(?:\.[A-Za-z]\w*)+)\}?")
PRINCIPAL = "apigateway.amazonaws.com"


Response = tuple[int, dict[str, Any], bytes]


def install(settings: Settings) -> None:
    vtl.install()
    openapi_import.install()
    _remember_the_request()
    _validate_as_aws()
    _answer_errors_as_aws()
    _take_id_tokens()
    _invoke_functions()
    _render_mocks()
    _call_services()


def _remember_the_request() -> None:
    @wrap(gateway, "_execute_in_scope", "request api_id stage_name method path headers body")
    async def execute(
        original: Any, request: Any, api_id: str, stage: str, method: str, path: str, headers: Any, body: Any,
        *rest: Any,
    ) -> Any:  # fmt: skip
        path = as_sent(path)
        current.set(Request(request, method, path, (body or b"").decode("utf-8", "replace")))
        return await original(request, api_id, stage, method, path, headers, body, *rest)

    @wrap(gateway, "_match_resource_tree", "api_id segments")
    def match(original: Any, api_id: str, segments: list[str]) -> Any:
        """An encoded slash is part of its segment; parameters are told decoded, the path is not."""
        resource, parameters = original(api_id, segments)
        return resource, {name: unquote(value) for name, value in parameters.items()}

    @wrap(gateway, "_build_lambda_event_v1", "api_id stage_name stage resource request_path method headers")
    def event(original: Any, *arguments: Any, **named: Any) -> Any:
        event, names, sent = original(*arguments, **named), header_names.get({}), header_values.get({})
        values = {name: sent.get(name, found) for name, found in (event["multiValueHeaders"] or {}).items()}
        event["multiValueHeaders"] = {names.get(name, name): found for name, found in values.items()}
        event["headers"] = {names.get(name, name): value[-1] for name, value in values.items()}
        event["requestContext"]["requestId"] = current.get().routed["request_id"]
        return event


def _validate_as_aws() -> None:
    @wrap(gateway, "_check_request_validation", "method_obj api_id request headers body query_params")
    def validate(
        original: Any, method: Any, api_id: str, request: Any, headers: Any, body: Any, query: Any
    ) -> Any:
        """The media type is looked at before the body; a body that is refused leaves its reason."""
        media_error = gateway._check_passthrough_behavior(method.get("methodIntegration") or {}, headers)
        if media_error is not None:
            return media_error
        error = original(method, api_id, request, headers, body, query)
        if error is not None and error.response_type == "BAD_REQUEST_BODY":
            current.get().validation_error = _reason(method, api_id, headers, body)
        return error


def _reason(method: dict[str, Any], api_id: str, headers: Any, body: bytes) -> str:
    models = method.get("requestModels") or {}
    kind = (gateway._header_ci(headers, "content-type") or "application/json").partition(";")[0].strip()
    schema = gateway._model_schema(api_id, models.get(kind) or models.get("application/json"))
    try:
        return validation_errors.describe(schema, json.loads(body))
    except (ValueError, RecursionError):
        return "Invalid request body"


def _take_id_tokens() -> None:
    """An authorizer of a user pool wants an ID token, unless the method asks for scopes."""

    @wrap(gateway, "_validate_cognito_authorizer", "authorizer method_obj")
    async def validate(original: Any, authorizer: Any, method: dict[str, Any], *rest: Any) -> Any:
        claims, error = await original(authorizer, method, *rest)
        if claims and not method.get("authorizationScopes") and claims.get("token_use") != "id":
            return None, gateway._gw_error("UNAUTHORIZED", "Unauthorized")
        return claims, error


def _answer_errors_as_aws() -> None:
    @wrap(gateway, "_gateway_error_response", "error request")
    def answer(original: Any, error: Any, request: Any) -> Response:
        status, headers, body = original(error, request)
        return status, headers, CONTEXT_VARIABLE.sub(_context_value, body.decode()).encode()

    @wrap(gateway, "_lambda_proxy_response", "result")
    def shape(original: Any, result: Any) -> Any:
        """What is no answer of a proxy, such as a text, is the function's fault."""
        (response, error), body = original(result), result.get("body")
        answered = result.get("throttle") or (isinstance(body, dict) and "statusCode" in body)
        return (response, None) if answered and not error else (None, "Internal server error")


def _context_value(variable: re.Match[str]) -> str:
    """What is not known renders as nothing, as in any mapping template."""
    if current.get(None) is None:  # refused before it was routed
        return ""
    value: Any = {"context": context({})}
    for name in variable[1].split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if variable[1] == "context.error.validationErrorString":
        return json.dumps(current.get().validation_error)[1:-1]
    return "" if value is None else str(value)


def _invoke_functions() -> None:
    @wrap(
        gateway, "_invoke_lambda_proxy_v1", "integration api_id stage_name stage resource request_path method"
    )
    async def invoke_function(original: Any, integration: Any, *rest: Any, **named: Any) -> Any:
        if not _may_invoke(integration, named):
            return gateway._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
        running = asyncio.ensure_future(original(integration, *rest, **named))
        seconds = int(integration.get("timeoutInMillis") or 29000) / 1000
        done, _ = await asyncio.wait({running}, timeout=seconds)
        if not done:
            return gateway._gw_error("INTEGRATION_TIMEOUT", "Endpoint request timed out")
        answer = running.result()
        if (
            isinstance(answer, tuple)
            and answer[0] == 502
            and answer[2] == b'{"message": "Internal server error"}'
        ):
            return _bad_gateway()
        return answer


def _render_mocks() -> None:
    @wrap(gateway, "_invoke_mock_v1", "integration")
    def mock(original: Any, integration: Any) -> Response:
        status, headers, body = original(integration)
        text = render(body.decode(), "{}")
        overrides = current.get().overrides
        return int(overrides.get("status") or status), headers | overrides["header"], text.encode()


def _call_services() -> None:
    for name in ("_invoke_lambda_custom_v1", "_invoke_sqs_v1"):

        @wrap(gateway, name, "integration api_id stage_name stage resource request_path method headers body")
        async def invoke_service(original: Any, integration: Any, *rest: Any, **named: Any) -> Any:
            uri = gateway._parse_service_integration_uri(integration.get("uri", ""))
            if uri is None or uri[1] == "lambda":
                return await original(integration, *rest, **named)
            return await service_integrations.invoke(integration, uri, named.get("authorizer_context"))


def _may_invoke(integration: dict[str, Any], named: dict[str, Any]) -> bool:
    request = current.get()
    arn = gateway._extract_lambda_ref_from_integration_uri(integration.get("uri", ""))
    region, account = named.get("owner_region"), named.get("owner_account_id")
    api, stage = request.routed["api_id"], request.routed["stage_name"]
    route = request.method + re.sub(r"\{[^}]*\}", "*", request.routed["resource_path"])
    source = f"arn:aws:execute-api:{region}:{account}:{api}/{stage}/{route}"
    return function_policy_allows(arn, PRINCIPAL, source)


def _bad_gateway() -> Response:
    """A function that failed, or answered nonsense: 502, dressed as the default 5XX response."""
    error = gateway._gw_error("DEFAULT_5XX", "Internal server error")
    _, headers, body = gateway._gateway_error_response(error, current.get().routed)
    return 502, headers, body
