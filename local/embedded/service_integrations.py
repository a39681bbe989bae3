"""API Gateway calling a service of AWS directly: the request of the integration, signed as its role."""

import asyncio
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree

import botocore.session
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.services import apigateway_v1 as gateway

from embedded import identity
from embedded.api_requests import current, render

QUERY_SERVICES = ("sqs", "sns")  # API Gateway still speaks their older protocol
FORM, DEFAULT_TIMEOUT_SECONDS = "application/x-www-form-urlencoded", 29.0


@dataclass(frozen=True, slots=True)
class Call:
    """What an integration sends to a service."""

    region: str
    service: str
    verb: str
    """`action` or `path`, as in the integration's URI."""
    target: str
    """The action's name or the path."""
    method: str
    headers: dict[str, str]
    query: dict[str, str]
    body: str
    role: str


async def invoke(integration: dict[str, Any], uri: tuple[str, str, str, str], authorizer: Any) -> Any:
    call = _call(integration, uri, authorizer)
    if call is None:
        return gateway._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
    status, answer = await asyncio.to_thread(send, call)
    selected = gateway._select_service_integration_response(integration, status)
    if selected is None:
        return gateway._gw_error("DEFAULT_5XX", "Internal server error")
    headers = {"Content-Type": "application/json"}
    for target, source in (selected.get("responseParameters") or {}).items():
        if target.startswith("method.response.header.") and source.startswith("'"):
            headers[target.removeprefix("method.response.header.")] = source[1:-1]
    template = (selected.get("responseTemplates") or {}).get("application/json")
    body = render(template, answer, authorizer) if template else answer
    overrides = current.get().overrides
    status = overrides.get("status") or selected.get("statusCode") or 200
    return int(status), headers | overrides["header"], body.encode()


def _call(integration: dict[str, Any], uri: tuple[str, str, str, str], authorizer: Any) -> Call | None:
    """None if the integration has no role: API Gateway then cannot call anything."""
    if not str(integration.get("credentials") or "").startswith("arn:aws:iam::"):
        return None
    request, (region, service, verb, target) = current.get(), uri
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
    return Call(
        region=region,
        service=service,
        verb=verb,
        target=target,
        method=integration.get("httpMethod") or "POST",
        headers=mapped["header"],
        query=mapped["querystring"],
        body=render(template, request.body, authorizer) if template else request.body,
        role=integration["credentials"],
    )


def send(call: Call) -> tuple[int, str]:
    """The service's status and body. Blocks: never call it on the event loop."""
    request = _signed(call)
    wanted = urllib.request.Request(  # noqa: S310 - our own address
        request.url, data=request.body or None, headers=dict(request.headers), method=call.method
    )
    try:
        with urllib.request.urlopen(wanted, timeout=DEFAULT_TIMEOUT_SECONDS) as answer:  # noqa: S310
            return answer.status, _json_if_xml(call.service, answer.read().decode())
    except urllib.error.HTTPError as refused:
        return refused.code, _json_if_xml(call.service, refused.read().decode())


def _signed(call: Call) -> Any:
    query = f"?{urllib.parse.urlencode(call.query)}" if call.query else ""
    path = urllib.parse.quote(call.target) if call.verb == "path" else ""
    request = AWSRequest(
        method=call.method,
        url=f"{identity.url()}/{path}{query}",
        data=_body(call).encode(),
        headers={**_protocol_headers(call), **call.headers},
    )
    signer = S3SigV4Auth if call.service == "s3" else SigV4Auth
    signer(Credentials(*identity.session_keys(call.role)), call.service, call.region).add_auth(request)
    return request.prepare()


def _body(call: Call) -> str:
    if call.verb == "action" and call.service in QUERY_SERVICES and "Action=" not in call.body:
        return f"Action={call.target}&{call.body}"
    return call.body


def _protocol_headers(call: Call) -> dict[str, str]:
    if call.service in QUERY_SERVICES:
        return {"Content-Type": FORM}
    metadata = _metadata(call.service)
    if call.verb != "action" or "targetPrefix" not in metadata:
        return {}
    version = metadata.get("jsonVersion", "1.0")
    target = f"{metadata['targetPrefix']}.{call.target}"
    return {"X-Amz-Target": target, "Content-Type": f"application/x-amz-json-{version}"}


@cache
def _metadata(service: str) -> dict[str, Any]:
    names = {"states": "stepfunctions", "monitoring": "cloudwatch"}
    model = botocore.session.get_session().get_service_model(names.get(service, service))
    return dict(model.metadata)


def _json_if_xml(service: str, text: str) -> str:
    """The older protocol answers in XML, which API Gateway asks to have as JSON; errors have no root."""
    if service not in QUERY_SERVICES or not text.lstrip().startswith("<"):
        return text
    root = ElementTree.fromstring(text)  # noqa: S314 - written by the emulator
    return json.dumps(_value(root) if _name(root) == "ErrorResponse" else {_name(root): _value(root)})


def _name(element: Any) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _value(element: Any) -> Any:
    return {_name(child): _value(child) for child in element} if len(element) else element.text
