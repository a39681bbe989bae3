"""The API of orders bounds what it takes, and says when to come again."""

from typing import Any

from checks.templates import service
from orders.domain.batches import MAX_ORDERS

(API,) = service("orders").resources("Serverless::Api").values()


def test_the_stage_is_throttled_by_parameters() -> None:
    (settings,) = API["MethodSettings"]
    assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
    assert settings["ThrottlingRateLimit"] == {"Ref": "RequestRate"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "RequestBurst"}


def test_429_and_503_of_the_gateway_say_when_to_come_again_and_are_readable_by_browsers() -> None:
    statuses = {
        "THROTTLED": 429,
        "QUOTA_EXCEEDED": 429,
        "INTEGRATION_FAILURE": 503,
        "INTEGRATION_TIMEOUT": 504,
    }
    for kind, status in statuses.items():
        response = API["GatewayResponses"][kind]
        headers = response["ResponseParameters"]["Headers"]
        assert response["StatusCode"] == status
        assert int(headers["Retry-After"].strip("'")) >= 1
        assert headers.keys() >= {"Access-Control-Allow-Origin", "Content-Type"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Of the functions' events, and of the definition that SAM merges them into."""
    merged: dict[tuple[str, str], dict[str, Any]] = {
        (event["Properties"]["Path"], event["Properties"]["Method"]): {}
        for function in service("orders").functions().values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "Api"
    }
    paths = API["DefinitionBody"]["paths"]
    merged |= {(path, method): it for path, methods in paths.items() for method, it in methods.items()}
    return [(path, method, it) for (path, method), it in merged.items()]


def test_functions_routes_are_merged_and_what_has_a_body_is_checked_before() -> None:
    assert API["MergeDefinitions"] is True
    checked = {(path, method) for path, method, it in operations() if "requestBody" in it}
    assert checked == {("/orders", "post"), ("/orders/batch", "post"), ("/products/{productId}", "put")}
    assert all(
        it["x-amazon-apigateway-request-validator"] for _, _, it in operations() if "requestBody" in it
    )


def test_partners_routes_need_a_key_and_a_token_others_a_token_and_preflights_nothing() -> None:
    partners = {path for path, _, it in operations() if it.get("security") == [{"PartnerKey": []}]}
    assert partners == {"/orders/batch", "/orders/batches/{batchId}"}
    assert {method for _, method, it in operations() if it.get("security") == []} == {"options"}
    assert API["Auth"]["DefaultAuthorizer"] == "Customers"
    assert API["Auth"]["AddDefaultAuthorizerToCorsPreflight"] is False


def test_every_route_for_browsers_has_a_preflight() -> None:
    paths = {path for path, _, _ in operations()}
    with_preflight = {path for path, method, _ in operations() if method == "options"}
    assert paths - with_preflight == {"/orders/batch", "/orders/batches/{batchId}"}


def test_a_tier_of_partners_is_bounded_by_parameters_and_has_a_key() -> None:
    template = service("orders")
    for tier in ("Standard", "Premium"):
        plan = template.resources("ApiGateway::UsagePlan")[f"{tier}Partners"]
        assert plan["Throttle"] == {
            "RateLimit": {"Ref": f"{tier}Rate"},
            "BurstLimit": {"Ref": f"{tier}Burst"},
        }
        assert plan["Quota"] == {"Limit": {"Ref": f"{tier}DailyQuota"}, "Period": "DAY"}
        assert template.resources("ApiGateway::ApiKey")[f"{tier}PartnerKey"]["Enabled"] is True


def test_the_sender_of_a_batch_is_who_the_token_names() -> None:
    intake = API["DefinitionBody"]["paths"]["/orders/batch"]["post"]["x-amazon-apigateway-integration"]
    form = intake["requestTemplates"]["application/json"]
    assert "StringValue=$util.urlEncode($context.authorizer.claims.sub)" in form
    assert "MessageBody=$util.urlEncode($input.body)" in form
    assert intake["passthroughBehavior"] == "NEVER"


def test_a_batch_may_hold_as_many_orders_as_its_reader_takes() -> None:
    model = API["DefinitionBody"]["components"]["schemas"]["Batch"]
    assert model["properties"]["orders"]["maxItems"] == MAX_ORDERS
