"""Routes without a function: what API Gateway would refuse to import, or would do wrong without a word."""

import re
from typing import Any

import pytest

from checks.templates import PATHS, load

OPERATIONS = [
    (template.name, path, method, operation)
    for template in map(load, PATHS)
    for api in template.resources("Serverless::Api").values()
    for path, methods in api.get("DefinitionBody", {}).get("paths", {}).items()
    for method, operation in methods.items()
    if operation.get("x-amazon-apigateway-integration", {}).get("type") not in (None, "aws_proxy")
]
EACH = pytest.mark.parametrize(
    "operation", [it[-1] for it in OPERATIONS], ids=["-".join(it[:-1]) for it in OPERATIONS]
)


@EACH
def test_every_answer_and_every_mapped_header_is_declared(operation: dict[str, Any]) -> None:
    declared = operation["responses"]
    for response in operation["x-amazon-apigateway-integration"]["responses"].values():
        headers = declared[response["statusCode"]].get("headers", {})
        mapped = {name.rpartition(".")[2] for name in response.get("responseParameters", {})}
        assert mapped <= set(headers)


@EACH
def test_what_a_service_did_not_expect_is_answered_too(operation: dict[str, Any]) -> None:
    assert "default" in operation["x-amazon-apigateway-integration"]["responses"]


@EACH
def test_no_word_stands_right_behind_a_directive(operation: dict[str, Any]) -> None:
    """`#endfoo` is no `#end`."""
    assert not re.search(r"#(end|else(?!if\b))\w", str(operation))


@EACH
def test_what_no_template_reads_goes_nowhere(operation: dict[str, Any]) -> None:
    """Passed through, a body of another media type would be the call itself, unchecked by the template."""
    integration = operation["x-amazon-apigateway-integration"]
    assert integration["type"] == "mock" or integration["passthroughBehavior"] == "NEVER"
