"""REST APIs as on AWS: validation with its reasons, gateway responses, mocks, integrations, header names."""

import asyncio
import contextvars
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.services import apigateway_v1 as gateway

from embedded import openapi_import, service_integrations, validation_errors, vtl
from embedded.authorization import function_policy_allows
from embedded.overlay import wrap
from embedded.settings import Settings

CONTEXT_VARIABLE = re.compile(r"\$\{?(context(?:\.[A-Za-z]\w*)+)\}?")
PRINCIPAL = "apigateway.amazonaws.com"


Response = tuple[int, dict[str, Any], bytes]


@dataclass
class Request:
    """The request being served; `routed` is ministack's record, filled in while it is routed."""

    routed: dict[str, Any]
    method: str
    path: str
    body: str
    validation_error: str = ""
    overrides: dict[str, Any] = field(default_factory=dict)


_request: contextvars.ContextVar[Request] = contextvars.ContextVar("request")
header_names: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("header_names")
"""As the client wrote them, by their lower-case form."""


def install(settings: Settings) -> None:
    vtl.install()
    openapi_import.install()
    _remember_the_request()
    _validate_as_aws()
    _answer_errors_as_aws()
    _integrate()


def preserving_header_names(app: Any) -> Any:
    """ASGI middleware: functions behind a REST API get header names as they were sent."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        sent = [name.decode("latin-1") for name, _ in scope.get("headers", [])]
        header_names.set({name.lower(): name for name in sent})
        lowered = [(name.lower(), value) for name, value in scope.get("headers", [])]
        await app({**scope, "headers": lowered} if "headers" in scope else scope, receive, send)

    return serve


def _remember_the_request() -> None:
    @wrap(gateway, "_execute_in_scope", "request api_id stage_name method path headers body")
    async def execute(
        original: Any, request: Any, api_id: str, stage: str, method: str, path: str, headers: Any, body: Any,
        *rest: Any,
    ) -> Any:  # fmt: skip
        _request.set(Request(request, method, path, (body or b"").decode("utf-8", "replace")))
        return await original(request, api_id, stage, method, path, headers, body, *rest)

    @wrap(gateway, "_build_lambda_event_v1", "api_id stage_name stage resource request_path method headers")
    def event(original: Any, *arguments: Any, **named: Any) -> Any:
        event, names = original(*arguments, **named), header_names.get({})
        for key in ("headers", "multiValueHeaders"):
            event[key] = {names.get(name, name): value for name, value in (event[key] or {}).items()}
        event["requestContext"]["requestId"] = _request.get().routed["request_id"]
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
            _request.get().validation_error = _reason(method, api_id, headers, body)
        return error


def _reason(method: dict[str, Any], api_id: str, headers: Any, body: bytes) -> str:
    models = method.get("requestModels") or {}
    kind = (gateway._header_ci(headers, "content-type") or "application/json").partition(";")[0].strip()
    schema = gateway._model_schema(api_id, models.get(kind) or models.get("application/json"))
    try:
        return validation_errors.describe(schema, json.loads(body))
    except ValueError:
        return "Invalid request body"


def _answer_errors_as_aws() -> None:
    @wrap(gateway, "_gateway_error_response", "error request")
    def answer(original: Any, error: Any, request: Any) -> Response:
        status, headers, body = original(error, request)
        return status, headers, CONTEXT_VARIABLE.sub(_context_value, body.decode()).encode()

    @wrap(gateway, "_lambda_proxy_response", "result")
    def shape(original: Any, result: Any) -> Any:
        response, error = original(result)
        envelope = response is None or (isinstance(response, dict) and "statusCode" in response)
        return (response, None) if envelope and not error else (None, "Internal server error")


def _context_value(variable: re.Match[str]) -> str:
    """What is not known renders as nothing, as in any mapping template."""
    value: Any = {"context": _context({})}
    for name in variable[1].split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if variable[1] == "context.error.validationErrorString":
        return json.dumps(_request.get().validation_error)[1:-1]
    return "" if value is None else str(value)


def _context(authorizer: Any) -> vtl.Context:
    request = _request.get()
    routed = request.routed
    return {
        "apiId": routed["api_id"],
        "authorizer": authorizer or {},
        "extendedRequestId": routed["request_id"],
        "httpMethod": request.method,
        "identity": {
            "sourceIp": "127.0.0.1",
            "userAgent": gateway._header_ci(routed["headers"], "user-agent"),
        },
        "path": f"/{routed['stage_name']}{request.path}",
        "protocol": "HTTP/1.1",
        "requestId": routed["request_id"],
        "requestTimeEpoch": int(time.time() * 1000),
        "resourcePath": routed["resource_path"],
        "responseOverride": request.overrides,
        "stage": routed["stage_name"],
    }


def _parameters() -> vtl.Parameters:
    routed, names = _request.get().routed, header_names.get({})
    query = {k: v[0] if isinstance(v, list) else v for k, v in (routed["query_params"] or {}).items()}
    headers = {names.get(k, k): v for k, v in routed["headers"].items()}
    return {
        "path": routed["path_params"] or {},
        "querystring": query,
        "header": {**routed["headers"], **headers},
    }


def _render(template: str, body: str, authorizer: Any = None) -> str:
    variables = (_request.get().routed["stage"] or {}).get("variables") or {}
    return vtl.render(template, body, _parameters(), _context(authorizer), variables)


def _integrate() -> None:
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

    @wrap(gateway, "_invoke_mock_v1", "integration")
    def mock(original: Any, integration: Any) -> Response:
        status, headers, body = original(integration)
        text = _render(body.decode(), "{}")
        return int(_request.get().overrides.get("status") or status), headers, text.encode()

    for name in ("_invoke_lambda_custom_v1", "_invoke_sqs_v1"):

        @wrap(gateway, name, "integration api_id stage_name stage resource request_path method headers body")
        async def invoke_service(original: Any, integration: Any, *rest: Any, **named: Any) -> Any:
            uri = gateway._parse_service_integration_uri(integration.get("uri", ""))
            if uri is None or uri[1] == "lambda":
                return await original(integration, *rest, **named)
            return await _invoke_service(integration, uri, named.get("authorizer_context"))


def _may_invoke(integration: dict[str, Any], named: dict[str, Any]) -> bool:
    request = _request.get()
    arn = gateway._extract_lambda_ref_from_integration_uri(integration.get("uri", ""))
    region, account = named.get("owner_region"), named.get("owner_account_id")
    api, stage = request.routed["api_id"], request.routed["stage_name"]
    route = request.method + re.sub(r"\{[^}]*\}", "*", request.routed["resource_path"])
    source = f"arn:aws:execute-api:{region}:{account}:{api}/{stage}/{route}"
    return function_policy_allows(arn, PRINCIPAL, source)


def _bad_gateway() -> Response:
    """A function that failed, or answered nonsense: 502, dressed as the default 5XX response."""
    error = gateway._gw_error("DEFAULT_5XX", "Internal server error")
    _, headers, body = gateway._gateway_error_response(error, _request.get().routed)
    return 502, headers, body


async def _invoke_service(
    integration: dict[str, Any], uri: tuple[str, str, str, str], authorizer: Any
) -> Any:
    call = _call(integration, uri, authorizer)
    if call is None:
        return gateway._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
    status, answer = await asyncio.to_thread(service_integrations.send, call)
    selected = gateway._select_service_integration_response(integration, status)
    if selected is None:
        return gateway._gw_error("DEFAULT_5XX", "Internal server error")
    headers = {"Content-Type": "application/json"}
    for target, source in (selected.get("responseParameters") or {}).items():
        if target.startswith("method.response.header.") and source.startswith("'"):
            headers[target.removeprefix("method.response.header.")] = source[1:-1]
    template = (selected.get("responseTemplates") or {}).get("application/json")
    body = _render(template, answer, authorizer) if template else answer
    return (
        int(_request.get().overrides.get("status") or selected.get("statusCode") or 200),
        headers,
        body.encode(),
    )


def _call(
    integration: dict[str, Any], uri: tuple[str, str, str, str], authorizer: Any
) -> service_integrations.Call | None:
    """None if the integration has no role: API Gateway then cannot call anything."""
    if not str(integration.get("credentials") or "").startswith("arn:aws:iam::"):
        return None
    request, (region, service, verb, target) = _request.get(), uri
    kind = (gateway._header_ci(request.routed["headers"], "content-type") or "application/json").partition(
        ";"
    )[0]
    template = (integration.get("requestTemplates") or {}).get(kind.strip())
    mapped: dict[str, dict[str, str]] = {"path": {}, "querystring": {}, "header": {}}
    for name, source in (integration.get("requestParameters") or {}).items():
        _, _, place, key = name.split(".", 3)
        if (value := gateway._gateway_request_value(source, request.routed)) is not None:
            mapped[place][key] = value
    for key, value in mapped["path"].items():
        target = target.replace(f"{{{key}}}", value)
    return service_integrations.Call(
        region=region,
        service=service,
        verb=verb,
        target=target,
        method=integration.get("httpMethod") or "POST",
        headers=mapped["header"],
        query=mapped["querystring"],
        body=_render(template, request.body, authorizer) if template else request.body,
        role=integration["credentials"],
    )
