"""Requests are read strictly and answered, whatever happens, in one shape."""

import json
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

import pytest
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from jetbridge.kernel.errors import ConcurrentUpdate, DomainError, Forbidden, NotFound
from jetbridge.runtime.http import Body, Price, RequestBody, answer, api, caller_of, correlation_of, serve
from jetbridge.runtime.problems import problem
from tests.lambda_events import CUSTOMER, api_request, context


class DeskTaken(DomainError):
    code = "desk_taken"


class DeskBody(RequestBody):
    desk_name: str
    price: Price
    drawers: int = 0


class DeskView(Body):
    desk_name: str
    price: str
    key: str | None = None


FAILURES: dict[str, Exception] = {
    "taken": DeskTaken("desk 7 is taken"),
    "refused": DomainError("no"),
    "missing": NotFound("no such desk"),
    "forbidden": Forbidden("not yours"),
    "overtaken": ConcurrentUpdate("desk-7"),
    "broken": RuntimeError("password is hunter2"),
}

app = api({DeskTaken: HTTPStatus.CONFLICT})


@app.post("/desks")
def post_desk(
    body: DeskBody, idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> Response[str]:
    assert isinstance(body.price, Decimal)
    view = DeskView(desk_name=body.desk_name, price=str(body.price), key=idempotency_key)
    return answer(HTTPStatus.CREATED, view, location="/desks/7")


@app.get("/desks/<name>/drawers")
def get_drawers(name: str) -> Response[str]:
    return answer(HTTPStatus.OK, DeskView(desk_name=name, price="1"))


@app.get("/desks")
def get_desks(limit: Annotated[int | None, Query(ge=1)] = None) -> Response[str]:
    return answer(HTTPStatus.OK, DeskView(desk_name=str(limit), price="1"))


@app.get("/failures/<name>")
def fail(name: str) -> Response[str]:
    raise FAILURES[name]


def ask(request: dict[str, Any]) -> dict[str, Any]:
    return serve(app, request, context(), allow_origin="https://shop.example")


def post(body: object, **headers: str) -> dict[str, Any]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(api_request("POST", "/desks", body, headers=sent))


def told(answered: dict[str, Any]) -> Any:
    return json.loads(answered["body"])


DESK = {"deskName": "oak", "price": "50.25"}


def test_a_good_request_is_answered_in_camel_case_with_its_location() -> None:
    answered = post(DESK)
    assert answered["statusCode"] == HTTPStatus.CREATED
    assert told(answered) == {"deskName": "oak", "price": "50.25"}
    assert answered["multiValueHeaders"]["Location"] == ["desks/7"]
    assert answered["multiValueHeaders"]["Content-Type"] == ["application/json"]
    assert answered["multiValueHeaders"]["Access-Control-Allow-Origin"] == ["https://shop.example"]


@pytest.mark.parametrize(
    ("price", "read"),
    [
        ("50.25", "50.25"),
        ("0.1", "0.1"),
        ("100.10", "100.10"),
        ('"50.25"', "50.25"),
        ("7", "7"),
        ("1e2", "1E+2"),
    ],
)
def test_a_price_is_read_as_it_was_written_and_never_through_a_float(price: str, read: str) -> None:
    answered = post(f'{{"deskName": "oak", "price": {price}}}')
    assert told(answered)["price"] == read


@pytest.mark.parametrize(
    "price",
    [
        "-1",
        "-0.01",
        "true",
        "null",
        "[]",
        '"fifty"',
        '"1_000"',
        '" 5"',
        '"1e3"',
        '"١٢"',
        '"NaN"',
        "1e400",
        "1234567890123",
    ],
)
def test_what_is_not_a_price_is_pointed_at(price: str) -> None:
    answered = post(f'{{"deskName": "oak", "price": {price}}}')
    assert answered["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [fault["pointer"] for fault in told(answered)["errors"]] == ["/price"]


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "",
        "plain",
        '{"price": NaN}',
        '{"price": Infinity}',
        "[" * 100_000,
        '{"price": ' + "9" * 5000 + "}",
        '{"deskName": "oak" "price": 1}',
    ],
)
def test_what_is_not_json_is_a_bad_request_that_points_at_the_whole_body(body: str) -> None:
    answered = post(body)
    assert answered["statusCode"] == HTTPStatus.BAD_REQUEST
    assert [fault["pointer"] for fault in told(answered)["errors"]] == [""]
    assert told(answered)["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ('{"deskName": "oak", "price": 1, "price": 2}', ["/price"]),
        ('{"deskName": "oak", "price": 1, "price": 1}', ["/price"]),
        (
            '{"deskName": "oak", "deskName": "elm", "price": 1, "price": 2, "price": 3}',
            ["/deskName", "/price"],
        ),
        ('{"deskName": "oak", "price": 1, "x": 1, "x": 1}', ["/x"]),
        ('{"deskName": "oak", "price": {"a": 1, "a": 1}, "price": 1}', ["/price"]),
    ],
)
def test_a_member_that_is_given_twice_is_a_bad_request_that_points_at_it(
    body: str, pointers: list[str]
) -> None:
    answered = post(body)
    assert answered["statusCode"] == HTTPStatus.BAD_REQUEST
    assert sorted(fault["pointer"] for fault in told(answered)["errors"]) == pointers
    assert {fault["detail"] for fault in told(answered)["errors"]} == {"Give this member once."}


@pytest.mark.parametrize("body", [None, "[]", "7", '"oak"', "null"])
def test_a_body_that_is_missing_or_no_object_is_a_bad_request(body: object) -> None:
    answered = post(body)
    assert answered["statusCode"] == HTTPStatus.BAD_REQUEST
    assert [fault["pointer"] for fault in told(answered)["errors"]] == [""]


@pytest.mark.parametrize("unknown", ["colour", "desk_name", "drawers/left", "a~b"])
def test_an_unknown_field_is_refused_by_its_pointer(unknown: str) -> None:
    answered = post(DESK | {unknown: "x"})
    assert answered["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    escaped = unknown.replace("~", "~0").replace("/", "~1")
    assert [fault["pointer"] for fault in told(answered)["errors"]] == [f"/{escaped}"]


def test_a_request_is_written_in_camel_case_only() -> None:
    answered = post({"desk_name": "oak", "price": 1})
    assert {fault["pointer"] for fault in told(answered)["errors"]} == {"/deskName", "/desk_name"}


def test_every_fault_of_a_request_is_listed_and_no_value_repeated() -> None:
    answered = post({"price": "hunter2", "drawers": "hunter2", "x": "hunter2"})
    pointers = {fault["pointer"] for fault in told(answered)["errors"]}
    assert pointers == {"/deskName", "/price", "/drawers", "/x"}
    assert "hunter2" not in answered["body"]


def test_a_fault_of_the_query_says_so() -> None:
    answered = ask(api_request("GET", "/desks", query={"limit": "0"}))
    assert answered["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [fault["pointer"] for fault in told(answered)["errors"]] == ["/query/limit"]


@pytest.mark.parametrize("name", ["Idempotency_Key", "idempotency_key", "IDEMPOTENCY_KEY"])
def test_the_case_of_a_headers_name_does_not_matter(name: str) -> None:
    assert told(post(DESK, **{name: "k-1"}))["key"] == "k-1"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
def test_a_body_of_another_kind_is_an_unsupported_media_type(kind: str) -> None:
    answered = post("x=1", Content_Type=kind)
    assert answered["statusCode"] == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert told(answered)["code"] == "not_json"


def test_a_body_is_bounded() -> None:
    largest = json.dumps(DESK).ljust(262_144)
    assert post(largest)["statusCode"] == HTTPStatus.CREATED
    answered = post(largest + " ")
    assert answered["statusCode"] == HTTPStatus.CONTENT_TOO_LARGE
    assert told(answered)["code"] == "body_too_large"


LISTED = "https://a.example,https://b.example"


@pytest.mark.parametrize(
    ("allowed", "origin", "told_origin"),
    [
        ("*", "https://a.example", "*"),
        ("https://a.example", None, "https://a.example"),
        (LISTED, "https://a.example", "https://a.example"),
        (LISTED, "https://b.example", "https://b.example"),
        (LISTED, "https://c.example", "https://a.example"),
        (LISTED, LISTED, "https://a.example"),
        (LISTED, None, "https://a.example"),
    ],
)
def test_an_answer_names_one_allowed_origin(allowed: str, origin: str | None, told_origin: str) -> None:
    request = api_request("GET", "/nowhere", headers={"Origin": origin} if origin else {})
    headers = serve(app, request, context(), allow_origin=allowed)["multiValueHeaders"]
    assert headers["Access-Control-Allow-Origin"] == [told_origin]
    assert headers.get("Vary") == (["Origin"] if allowed == LISTED else None)


@pytest.mark.parametrize("body", [DESK, {}, "{"])
def test_others_are_refused_before_their_body_is_read(body: object) -> None:
    def ask(groups: str) -> int:
        request = api_request("POST", "/desks", body, groups=groups)
        return int(serve(app, request, context(), allow_origin="*", only_for="operators")["statusCode"])

    assert ask("") == ask("operator") == ask("operators2,xoperators") == HTTPStatus.FORBIDDEN
    assert HTTPStatus.FORBIDDEN not in {ask("staff,operators"), ask("[operators]")}


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_json_may_say_its_charset_in_any_case(kind: str) -> None:
    assert post(DESK, Content_Type=kind)["statusCode"] == HTTPStatus.CREATED


def test_of_two_idempotency_keys_none_is_chosen() -> None:
    request = api_request("POST", "/desks", DESK, headers={"Idempotency-Key": "k-2"})
    request["multiValueHeaders"]["Idempotency-Key"] = ["k-1", "k-2"]
    answered = ask(request)
    assert answered["statusCode"] == HTTPStatus.BAD_REQUEST
    assert told(answered)["code"] == "idempotency_key_invalid"


@pytest.mark.parametrize(
    ("name", "status", "code", "detail"),
    [
        ("taken", HTTPStatus.CONFLICT, "desk_taken", "desk 7 is taken"),
        ("refused", HTTPStatus.UNPROCESSABLE_ENTITY, "refused", "no"),
        ("missing", HTTPStatus.NOT_FOUND, "not_found", "no such desk"),
        ("forbidden", HTTPStatus.FORBIDDEN, "forbidden", "not yours"),
        ("overtaken", HTTPStatus.CONFLICT, "concurrent_update", "It was changed meanwhile: read it again."),
    ],
)
def test_a_refusal_is_a_problem_with_the_status_of_its_kind(
    name: str, status: HTTPStatus, code: str, detail: str
) -> None:
    answered = ask(api_request("GET", f"/failures/{name}"))
    assert answered["statusCode"] == status
    assert answered["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]
    assert told(answered) == {
        "type": f"urn:jetbridge:problem:{code}",
        "title": status.phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }


def test_a_fault_tells_the_request_id_and_nothing_of_itself() -> None:
    request = api_request("GET", "/failures/broken")
    answered = ask(request)
    assert answered["statusCode"] == HTTPStatus.INTERNAL_SERVER_ERROR
    assert told(answered)["requestId"] == request["requestContext"]["requestId"]
    assert "hunter2" not in json.dumps(answered)
    assert "RuntimeError" not in json.dumps(answered)


def test_an_unknown_route_is_a_problem_too() -> None:
    answered = ask(api_request("GET", "/chairs"))
    assert answered["statusCode"] == HTTPStatus.NOT_FOUND
    assert told(answered)["code"] == "no_such_route"
    assert answered["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]


def test_a_problem_can_tell_more() -> None:
    told_more = json.loads(str(problem(HTTPStatus.CONFLICT, "desk_taken", "taken", by="oak").body))
    assert told_more["by"] == "oak"


@pytest.mark.parametrize("given", ["abc-1", "a.b:c_d", "x" * 128])
def test_a_clients_correlation_id_comes_back(given: str) -> None:
    assert post(DESK, X_Correlation_Id=given)["multiValueHeaders"]["X-Correlation-Id"] == [given]


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\nb", "é", '{"a": 1}'])
def test_a_correlation_id_that_could_do_harm_is_replaced_by_the_requests_id(given: str) -> None:
    request = api_request("POST", "/desks", DESK, headers={"X-Correlation-Id": given})
    answered = ask(request)
    assert answered["multiValueHeaders"]["X-Correlation-Id"] == [request["requestContext"]["requestId"]]


def test_a_request_without_headers_still_has_a_correlation_id() -> None:
    request = api_request("GET", "/desks") | {"headers": None, "multiValueHeaders": None}
    assert correlation_of(APIGatewayProxyEvent(request)) == request["requestContext"]["requestId"]
    assert ask(request)["statusCode"] == HTTPStatus.OK


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ("operators", {"operators"}),
        ("operators,auditors", {"operators", "auditors"}),
        ("[operators auditors]", {"operators", "auditors"}),
        ("[operators, auditors]", {"operators", "auditors"}),
        (["operators", "auditors"], {"operators", "auditors"}),
        ("", set()),
        ("[]", set()),
    ],
)
def test_the_groups_of_a_caller_are_read_in_every_spelling(claim: Any, groups: set[str]) -> None:
    caller = caller_of(APIGatewayProxyEvent(api_request("GET", "/desks", groups=claim)))
    assert (caller.subject, caller.username, set(caller.groups)) == (CUSTOMER, "user1", groups)


def test_a_location_leads_from_a_nested_request_to_its_neighbour() -> None:
    nested = api()

    @nested.post("/rooms/desks")
    def make() -> Response[str]:
        return answer(HTTPStatus.CREATED, DeskView(desk_name="x", price="1"), location="/rooms/desks/7")

    answered = serve(nested, api_request("POST", "/rooms/desks"), context(), allow_origin="*")
    assert answered["multiValueHeaders"]["Location"] == ["desks/7"]


@pytest.mark.parametrize("base", ["", "/shop", "/shop/v1"])
def test_a_custom_domains_base_path_is_no_part_of_the_route(base: str) -> None:
    made = ask(api_request("POST", "/desks", DESK) | {"path": f"{base}/desks"})
    assert made["statusCode"] == HTTPStatus.CREATED
    assert made["multiValueHeaders"]["Location"] == ["desks/7"]
    drawers = {"resource": "/desks/{name}/drawers", "path": f"{base}/desks/o%2Fk/drawers/"}
    assert told(ask(api_request("GET", "/desks") | drawers))["deskName"] == "o/k"


def test_an_id_longer_than_a_key_is_not_found() -> None:
    answered = serve(api(), api_request("GET", f"/desks/{'x' * 3000}"), context(), allow_origin="*")
    assert answered["statusCode"] == HTTPStatus.NOT_FOUND


def test_a_number_beyond_decimal_is_not_json() -> None:
    answered = post('{"deskName": "oak", "price": 1e999999999999999999999}')
    assert answered["statusCode"] == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "name", ["a b", "100%", "%41", "a/b", 'say "hi"', "\U0001f4ba Ωμέγα", "a+b;c?d#e", "\\[x]{y}|^`"]
)
def test_any_name_in_a_path_arrives_as_it_was_meant(name: str) -> None:
    path = f"/desks/{quote(name, safe='')}/drawers"
    answered = serve(app, api_request("GET", path), context(), allow_origin="*")
    assert (answered["statusCode"], json.loads(answered["body"])["deskName"]) == (200, name)


@pytest.mark.parametrize(("length", "status"), [(2000, 200), (2001, 404)])
def test_an_id_is_as_long_as_it_is_decoded(length: int, status: int) -> None:
    request = api_request("GET", f"/desks/{'%22' * length}/drawers")
    assert serve(app, request, context(), allow_origin="*")["statusCode"] == status
