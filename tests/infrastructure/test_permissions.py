"""A role holds what its function does, on named resources, and nothing else."""

import json
from typing import Any

import pytest

from checks.templates import PATHS, Template, load

TEMPLATES = [load(path) for path in PATHS]
STATEMENTS = [(template, name, it) for template in TEMPLATES for name, it in template.policy_statements()]
EACH = pytest.mark.parametrize(
    ("template", "name", "statement"),
    STATEMENTS,
    ids=[f"{template.name}-{name}-{listed}" for listed, (template, name, _) in enumerate(STATEMENTS)],
)
# Actions for which AWS knows no resource.
WITHOUT_RESOURCE = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@EACH
def test_no_policy_is_for_everything_where_aws_can_name_what_it_is_for(
    template: Template, name: str, statement: dict[str, Any]
) -> None:
    if "*" in listed(statement["Resource"]):
        assert set(listed(statement["Action"])) <= WITHOUT_RESOURCE


@EACH
def test_a_policy_names_each_of_its_actions(template: Template, name: str, statement: dict[str, Any]) -> None:
    assert [action for action in listed(statement["Action"]) if "*" in action] == []


@EACH
def test_a_wildcard_in_a_resource_stands_behind_a_name(
    template: Template, name: str, statement: dict[str, Any]
) -> None:
    for resource in listed(statement["Resource"]):
        if isinstance(resource, dict) and "Fn::Sub" in resource:
            service, _, rest = str(resource["Fn::Sub"]).partition("*")
            assert "/" in service or not rest, resource


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_role_that_a_service_takes_is_bound_to_this_account_if_it_tells_its_source(
    template: Template,
) -> None:
    """API Gateway does not when it takes the role of an integration: no condition on it would ever hold."""
    bound = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    for role in template.resources("IAM::Role").values():
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            tells_no_source = statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
            assert statement.get("Condition") == (None if tells_no_source else bound)
            assert (
                "apigateway.amazonaws.com" not in listed(statement["Principal"]["Service"]) or tells_no_source
            )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_a_rule_may_make_the_stream_that_it_logs_into(template: Template) -> None:
    """EventBridge tells which rule it writes for, but not when it makes the log stream."""
    for policy in template.resources("Logs::ResourcePolicy").values():
        document = json.loads(policy["PolicyDocument"]["Fn::Sub"])
        bound = {action: "Condition" in it for it in document["Statement"] for action in listed(it["Action"])}
        assert bound == {"logs:CreateLogStream": False, "logs:PutLogEvents": True}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_no_function_brings_managed_policies_or_a_role_of_others(template: Template) -> None:
    for function in template.functions().values():
        assert "Role" not in function
        assert all(
            isinstance(policy, dict) and "Statement" in policy for policy in function.get("Policies", [])
        )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_tables_and_buckets_are_encrypted_and_closed(template: Template) -> None:
    for table in template.resources("DynamoDB::Table").values():
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
    for bucket in template.resources("S3::Bucket").values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert "BucketEncryption" in bucket


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_route_needs_a_token_but_those_that_are_for_everybody(template: Template) -> None:
    open_routes = {
        ("bookings", "/flights", "get"),
        ("bookings", "/flights/{flightId}", "get"),
        ("payments", "/payments/webhooks/provider", "post"),  # the provider's signature protects it
        # Their Bearer secret protects them, as it does at the processor that they stand in for.
        ("payment-provider", "/v1/payment_intents", "post"),
        ("payment-provider", "/v1/payment_intents/{intentId}", "get"),
        ("payment-provider", "/v1/payment_intents", "get"),
        ("payment-provider", "/v1/refunds", "get"),
        ("payment-provider", "/v1/refunds", "post"),
        ("payment-provider", "/v1/transfers/{reference}", "put"),
        ("payment-provider", "/v1/transfers/{reference}", "delete"),
    }
    for api in template.resources("Serverless::Api").values():
        assert api["Auth"]["DefaultAuthorizer"] in api["Auth"]["Authorizers"]
    for function in template.functions().values():
        for event in function.get("Events", {}).values():
            route = event["Properties"]
            if event["Type"] == "Api" and route.get("Auth", {}).get("Authorizer") == "NONE":
                assert (template.name, route["Path"], route["Method"].lower()) in open_routes
