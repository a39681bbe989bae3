"""REST APIs from templates: authorizers, validation, gateway responses, CORS, mocks, direct integrations."""

import http.client
import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def stack(deploy: Callable[..., Any]) -> Any:
    return deploy("apis")


@pytest.fixture(scope="module")
def call(emulator: Any, stack: Any) -> Callable[..., Any]:
    """Status, headers in lower case, and body of one request."""

    def call(method: str, path: str, body: Any = None, api: str = "Api", **headers: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        text = body if isinstance(body, str | None) else json.dumps(body)
        connection.request(method, f"/restapis/{stack[api]}/test/_user_request_{path}", text, sent)
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(content or "null")

    return call


JSON = {"Content_Type": "application/json"}


def test_header_names_arrive_as_they_were_sent(call: Any) -> None:
    status, _, seen = call("GET", "/open", Idempotency_Key="k", x_lower="l")
    assert status == 200
    assert seen["headers"]["Idempotency-Key"] == "k"
    assert seen["headers"]["x-lower"] == "l"


def test_a_header_that_is_sent_twice_is_told_twice(emulator: Any, stack: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=30)
    connection.putrequest("GET", f"/restapis/{stack['Api']}/test/_user_request_/open")
    for name, value in (("Idempotency-Key", "a"), ("idempotency-key", "b")):
        connection.putheader(name, value)
    connection.endheaders()
    seen = json.loads(connection.getresponse().read())
    connection.close()
    assert seen["all_headers"]["idempotency-key"] == ["a", "b"]
    assert seen["headers"]["idempotency-key"] == "b"


@pytest.fixture(scope="module")
def id_token(aws: Any, stack: Any) -> str:
    cognito, pool = aws("cognito-idp"), stack["UserPool"]
    cognito.admin_create_user(UserPoolId=pool, Username="user1", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="user1", Password="Passw0rd!long", Permanent=True
    )
    answer = cognito.initiate_auth(
        ClientId=stack["UserPoolClient"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "user1", "PASSWORD": "Passw0rd!long"},
    )
    return str(answer["AuthenticationResult"]["IdToken"])


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_an_id_token_opens_a_route_with_and_without_bearer(call: Any, id_token: str, prefix: str) -> None:
    status, _, seen = call("GET", "/closed/7", Authorization=prefix + id_token)
    assert (status, seen["user"], seen["path"]) == (200, "user1", {"id": "7"})


def test_a_path_arrives_as_it_was_sent_and_its_parameters_decoded(call: Any, id_token: str) -> None:
    status, _, seen = call("GET", "/closed/a%2Fb%20%22%25", Authorization=id_token)
    assert (status, seen["path"], seen["sent"]) == (200, {"id": 'a/b "%'}, "/closed/a%2Fb%20%22%25")


def test_no_token_or_a_forged_one_is_401(call: Any, id_token: str) -> None:
    forged = id_token[:-8] + "AAAAAAAA"
    assert call("GET", "/closed/7")[0] == 401
    assert call("GET", "/closed/7", Authorization=forged)[0] == 401


def test_a_body_is_validated_and_the_gateway_response_says_why(call: Any) -> None:
    status, headers, problem = call("POST", "/orders", {"items": ["a"], "price": 1}, **JSON)
    assert status == 422
    assert headers["content-type"] == "application/problem+json"
    assert problem["title"] == "Invalid request body"
    assert problem["type"] == "BAD_REQUEST_BODY"
    assert 'not allowed by the schema: ["price"]' in problem["detail"]
    assert 'string "a" is too short' in problem["detail"]
    assert problem["requestId"] == headers["x-amzn-requestid"]
    assert problem["at"] == "/test/orders"


def test_a_body_that_is_no_json_and_a_missing_property_are_told_apart(call: Any) -> None:
    assert call("POST", "/orders", "{", **JSON)[2]["detail"] == "Invalid request body"
    missing = call("POST", "/orders", {}, **JSON)[2]["detail"]
    assert missing == '[object has missing required properties (["items"])]'


def test_a_good_body_reaches_the_function(call: Any) -> None:
    assert call("POST", "/orders", {"items": ["ab"]}, **JSON)[0] == 200


def test_a_required_parameter_is_required(call: Any) -> None:
    status, _, error = call("GET", "/search")
    assert (status, error["message"]) == (400, "Missing required request parameters: [q]")
    assert call("GET", "/search?q=x")[0] == 200


def test_a_preflight_is_answered_without_a_token(call: Any) -> None:
    status, headers, _ = call("OPTIONS", "/closed/7", Origin="https://jetbridge.example")
    assert status == 200
    assert headers["access-control-allow-origin"] == "https://jetbridge.example"
    assert headers["access-control-allow-methods"] == "GET,POST,OPTIONS"
    assert headers["access-control-allow-headers"] == "Authorization,Content-Type"


def test_a_function_that_fails_is_502_without_detail_and_with_the_gateway_response(call: Any) -> None:
    status, headers, error = call("GET", "/fail")
    assert (status, error) == (502, {"message": "Internal server error"})
    assert headers["access-control-allow-origin"] == "https://jetbridge.example"


def test_an_unknown_route_is_403(call: Any) -> None:
    assert call("GET", "/nowhere")[::2] == (403, {"message": "Missing Authentication Token"})


def test_a_queue_is_fed_directly(call: Any, messages: Any, stack: Any, until: Any) -> None:
    status, _, answer = call("POST", "/ingest", {"sku": "a&b"}, api="DirectApi", **JSON)
    (message,) = until(lambda: messages(stack["Queue"]))
    assert (status, message["sku"]) == (202, "a&b")
    assert answer["id"] == message["_message"]["MessageId"]


def test_a_media_type_that_no_template_takes_is_415(call: Any) -> None:
    assert call("POST", "/ingest", "<xml/>", api="DirectApi", Content_Type="application/xml")[0] == 415


def test_an_item_is_read_directly_and_its_absence_overrides_the_status(
    call: Any, aws: Any, stack: Any
) -> None:
    aws("dynamodb").put_item(TableName=stack["Table"], Item={"pk": {"S": "d1"}, "total": {"N": "7"}})
    assert call("GET", "/items/d1", api="DirectApi")[::2] == (200, {"id": "d1", "total": 7})
    assert call("GET", "/items/d2", api="DirectApi")[::2] == (404, {"error": "not found"})


def test_a_direct_integration_may_only_do_what_its_role_allows(call: Any) -> None:
    status, _, error = call("POST", "/forbidden", {}, api="DirectApi", **JSON)
    assert status == 403
    assert "not authorized to perform: dynamodb:PutItem" in (error.get("message") or error.get("Message"))


def test_events_executions_and_files_are_reached_directly(
    call: Any, aws: Any, stack: Any, until: Any
) -> None:
    put = call("POST", "/events", {"a": "b"}, api="DirectApi", **JSON)
    assert (put[0], put[2]["FailedEntryCount"]) == (200, 0)
    status, _, started = call("POST", "/executions", {"n": 1}, api="DirectApi", **JSON)
    execution = until(lambda: aws("stepfunctions").describe_execution(executionArn=started["executionArn"]))
    assert (status, json.loads(execution["input"])) == (202, {"n": 1})
    assert call("PUT", "/files/a.txt", "content", api="DirectApi", Content_Type="text/plain")[0] == 201
    assert aws("s3").get_object(Bucket=stack["Files"], Key="a.txt")["Body"].read() == b"content"


def test_a_mock_sees_the_request(call: Any) -> None:
    assert call("GET", "/mock?q=1", api="DirectApi")[2] == {"ip": "127.0.0.1", "stage": "test", "q": "1"}


def test_a_template_sets_a_header(call: Any) -> None:
    assert call("GET", "/mock?q=1", api="DirectApi")[1]["x-seen"] == "1"


def test_requests_are_counted(call: Any, aws: Any, stack: Any) -> None:
    call("GET", "/fail")
    names = [{"Name": "ApiName", "Value": stack.name}, {"Name": "Stage", "Value": "test"}]
    found = aws("cloudwatch").list_metrics(Namespace="AWS/ApiGateway", Dimensions=names)["Metrics"]
    assert {each["MetricName"] for each in found} >= {"Count", "Latency", "4XXError", "5XXError"}


def test_a_changed_definition_keeps_the_id_of_the_api(
    call: Any, aws: Any, stack: Any, update: Callable[..., Any]
) -> None:
    update(stack, lambda template: template.replace("https://jetbridge.example", "https://other.example"))
    resources = aws("cloudformation").describe_stack_resources(StackName=stack.name)["StackResources"]
    assert stack["Api"] in [each["PhysicalResourceId"] for each in resources]
    headers = call("OPTIONS", "/closed/7")[1]
    assert headers["access-control-allow-origin"] == "https://other.example"
