"""The routes of orders: a request in, the answer and the table out."""

import json
from http import HTTPStatus
from io import StringIO
from typing import Any

import boto3
import pytest

from jetbridge.kernel.ids import stable_id
from jetbridge.runtime.observability import Handler
from orders import bootstrap
from orders.adapters.dynamodb import DynamoOrders
from orders.domain.moves import Fact, OrderStatus
from orders.domain.orders import Order
from orders.handlers import cancel_order, get_order, place_order
from tests.fakes.clock import ticking
from tests.lambda_events import CUSTOMER, OTHER_CUSTOMER, api_request, context

LAMPS = {"productId": "lamp", "price": "50.25", "quantity": 2}
WISH = {"items": [LAMPS], "comment": "for my sister"}


def ask(handler: Handler, request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = handler(request, context())
    return answer


def post(body: object = WISH, *, key: str | None = "key-1", **request: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    return ask(place_order.handler, api_request("POST", "/orders", body, headers=headers, **request))


def get(order_id: str, **request: Any) -> dict[str, Any]:
    return ask(get_order.handler, api_request("GET", f"/orders/{order_id}", **request))


def delete(order_id: str, **request: Any) -> dict[str, Any]:
    return ask(cancel_order.handler, api_request("DELETE", f"/orders/{order_id}", **request))


def told(answer: dict[str, Any]) -> Any:
    return json.loads(answer["body"])


def placed_id(**request: Any) -> str:
    return str(told(post(**request))["orderId"])


def hear(orders: DynamoOrders, order_id: str, fact: Fact, reason: str | None = None) -> Order:
    order = orders.get(order_id)
    assert order is not None
    clock = ticking(order.history[-1].at)
    clock()
    heard = order.heard(fact, at=clock(), causation_id="event-1", reason=reason)
    orders.save(heard)
    return heard


def stored_orders() -> int:
    return int(boto3.client("dynamodb").scan(TableName="OrdersTable")["Count"])


def test_an_order_is_accepted_stored_and_shown(orders: DynamoOrders) -> None:
    answer = post()
    order_id = stable_id("order", CUSTOMER, "key-1")
    assert answer["statusCode"] == HTTPStatus.ACCEPTED
    assert answer["multiValueHeaders"]["Location"] == [f"orders/{order_id}"]
    body = told(answer)
    created_at = body.pop("createdAt")
    assert body == {
        "orderId": order_id,
        "status": "PLACED",
        "total": {"amount": "100.50", "currency": "USD"},
        "items": [{"productId": "lamp", "price": {"amount": "50.25", "currency": "USD"}, "quantity": 2}],
        "comment": "for my sister",
        "links": {"self": f"/orders/{order_id}"},
    }
    order = orders.get(order_id)
    assert order is not None
    assert (order.customer_id, order.payment_method) == (CUSTOMER, "pm_card_visa")
    shown = get(order_id)
    assert shown["statusCode"] == HTTPStatus.OK
    assert told(shown) == body | {
        "createdAt": created_at,
        "history": [{"status": "PLACED", "at": created_at, "because": "placed"}],
    }


def test_an_order_remembers_the_request_that_began_it(orders: DynamoOrders) -> None:
    request = api_request(
        "POST", "/orders", WISH, headers={"Idempotency-Key": "k", "X-Correlation-Id": "my-trace"}
    )
    order = orders.get(told(place_order.handler(request, context()))["orderId"])
    assert order is not None
    assert order.correlation_id == order.history[0].causation_id == "my-trace"


def test_a_price_may_be_a_number_and_is_never_rounded(orders: DynamoOrders) -> None:
    body = '{"items": [{"productId": "lamp", "price": 0.1, "quantity": 3}]}'
    assert told(post(body))["total"] == {"amount": "0.30", "currency": "USD"}


def test_the_token_of_the_body_is_a_key_too() -> None:
    with_token = post(WISH | {"requestToken": "key-1"}, key=None)
    assert told(with_token)["orderId"] == placed_id(key="key-1")
    assert stored_orders() == 1


def test_a_request_sent_twice_is_one_order_and_one_answer() -> None:
    first, again = post(), post()
    assert stored_orders() == 1
    assert (again["statusCode"], again["body"]) == (first["statusCode"], first["body"])
    assert again["multiValueHeaders"]["Idempotency-Replayed"] == ["true"]
    assert again["multiValueHeaders"]["Location"] == first["multiValueHeaders"]["Location"]
    assert "Idempotency-Replayed" not in first["multiValueHeaders"]


def test_the_first_answer_is_given_again_even_when_the_order_has_moved_on(orders: DynamoOrders) -> None:
    first = post()
    hear(orders, told(first)["orderId"], Fact.STOCK_REJECTED)
    assert post()["body"] == first["body"]


@pytest.mark.parametrize(
    "same",
    [
        WISH | {"comment": "for my brother"},
        {"items": [LAMPS]},
        {"items": [LAMPS | {"price": "50.250"}]},
        {"items": [LAMPS | {"price": 50.25}]},
        {"items": [LAMPS], "paymentMethod": "pm_card_visa"},
        {"items": [LAMPS], "userId": "user1"},
        {"items": [LAMPS], "requestToken": "key-1"},
    ],
    ids=[
        "another comment",
        "no comment",
        "digits",
        "number",
        "the default method",
        "the caller",
        "the token",
    ],
)
def test_the_same_request_in_another_spelling_is_the_same_request(same: dict[str, Any]) -> None:
    first, again = post(), post(same)
    assert (again["statusCode"], again["body"]) == (first["statusCode"], first["body"])


@pytest.mark.parametrize(
    "other",
    [
        {"items": [LAMPS | {"quantity": 3}]},
        {"items": [LAMPS | {"price": "50.26"}]},
        {"items": [LAMPS | {"productId": "chair"}]},
        {"items": [LAMPS, LAMPS]},
        {"items": [LAMPS], "paymentMethod": "pm_card_chargeDeclined"},
    ],
)
def test_another_request_under_a_used_key_is_unprocessable(other: dict[str, Any]) -> None:
    post()
    answer = post(other)
    assert answer["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told(answer)["code"] == "idempotency_key_reused"
    assert stored_orders() == 1


def test_two_customers_with_the_same_key_have_an_order_each() -> None:
    assert placed_id() != placed_id(subject=OTHER_CUSTOMER)
    assert stored_orders() == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"items": [LAMPS | {"price": "50.255"}]}, "invalid_amount"),
        ({"items": [LAMPS | {"price": 0}]}, "invalid_order"),
        ({"items": [LAMPS | {"price": "99999999999", "quantity": 10_000}]}, "invalid_order"),
    ],
)
def test_a_refusal_is_an_answer_and_is_replayed_as_such(body: dict[str, Any], code: str) -> None:
    first, again = post(body), post(body)
    assert first["statusCode"] == again["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told(first)["code"] == code
    assert again["body"] == first["body"]
    assert again["multiValueHeaders"]["Idempotency-Replayed"] == ["true"]
    assert post()["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY, "the key is used up"
    assert stored_orders() == 0


def test_every_price_that_is_none_is_pointed_at() -> None:
    cheap = LAMPS | {"price": "50.2"}
    answer = post({"items": [LAMPS | {"price": "50.255"}, cheap, LAMPS | {"price": "0.001"}]})
    assert [fault["pointer"] for fault in told(answer)["errors"]] == ["/items/0/price", "/items/2/price"]
    assert told(answer)["errors"][1]["detail"] == "0.001 has more digits than USD has"


@pytest.mark.parametrize("price", ["0", "500000.00"])
def test_a_total_that_nobody_can_be_charged_says_what_can(price: str) -> None:
    (fault,) = told(post({"items": [LAMPS | {"price": price}]}))["errors"]
    assert fault == {
        "pointer": "/items",
        "detail": "an order costs more than nothing and at most 999999.99 USD",
    }


def test_an_order_written_by_a_try_that_died_before_its_answer_is_answered_by_the_next() -> None:
    """The idempotency record is gone or never was; the order itself remembers."""
    first = post()
    forget_answers()
    again = post()
    assert again["statusCode"] == HTTPStatus.ACCEPTED
    assert told(again) == told(first)
    assert stored_orders() == 1


def test_a_key_whose_answer_was_forgotten_still_belongs_to_its_order() -> None:
    first = post()
    forget_answers()
    other = post({"items": [LAMPS | {"quantity": 7}]})
    assert other["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told(other)["code"] == "idempotency_key_reused"
    assert told(post()) == told(first)


def forget_answers() -> None:
    dynamodb = boto3.client("dynamodb")
    for record in dynamodb.scan(TableName="IdempotencyTable")["Items"]:
        dynamodb.delete_item(TableName="IdempotencyTable", Key={"id": record["id"]})


class FailingOrders:
    """A table that is away, once the order is or is not written."""

    def __init__(self, orders: DynamoOrders, *, written: bool) -> None:
        self._orders, self._written = orders, written

    def add(self, order: Order) -> bool:
        if self._written:
            self._orders.add(order)
        raise ConnectionError("the table is away")


@pytest.mark.parametrize("written", [False, True])
def test_a_fault_while_writing_is_ours_and_the_same_request_then_succeeds(
    orders: DynamoOrders, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(bootstrap, "orders", lambda: FailingOrders(orders, written=written))
        assert post()["statusCode"] == HTTPStatus.INTERNAL_SERVER_ERROR
    assert stored_orders() == int(written)
    assert post()["statusCode"] == HTTPStatus.ACCEPTED
    assert stored_orders() == 1


@pytest.mark.parametrize(
    ("body", "key", "status", "found"),
    [
        (WISH, None, HTTPStatus.BAD_REQUEST, "idempotency_key_missing"),
        (WISH | {"requestToken": "key-2"}, "key-1", HTTPStatus.BAD_REQUEST, "idempotency_key_invalid"),
        (WISH, "é" * 256, HTTPStatus.BAD_REQUEST, "idempotency_key_invalid"),
        (WISH | {"userId": "user2"}, "key-1", HTTPStatus.FORBIDDEN, "forbidden"),
        ("{", "key-1", HTTPStatus.BAD_REQUEST, "invalid_request"),
        (None, "key-1", HTTPStatus.BAD_REQUEST, "invalid_request"),
    ],
)
def test_a_request_that_cannot_be_answered_stores_nothing(
    body: object, key: str | None, status: HTTPStatus, found: str
) -> None:
    answer = post(body, key=key)
    assert (answer["statusCode"], told(answer)["code"]) == (status, found)
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/problem+json"]
    assert stored_orders() == 0
    assert boto3.client("dynamodb").scan(TableName="IdempotencyTable")["Count"] == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/items"),
        ({"items": []}, "/items"),
        ({"items": [LAMPS] * 100}, "/items"),
        ({"items": [LAMPS | {"quantity": 0}]}, "/items/0/quantity"),
        ({"items": [LAMPS | {"quantity": 10_001}]}, "/items/0/quantity"),
        ({"items": [LAMPS | {"quantity": "2"}]}, "/items/0/quantity"),
        ({"items": [LAMPS, LAMPS | {"price": -1}]}, "/items/1/price"),
        ({"items": [LAMPS | {"productId": ""}]}, "/items/0/productId"),
        (WISH | {"comment": "x" * 1001}, "/comment"),
        (WISH | {"discount": 1}, "/discount"),
        (WISH | {"request_token": "key-1"}, "/request_token"),
    ],
)
def test_a_malformed_order_is_pointed_at(body: dict[str, Any], pointer: str) -> None:
    answer = post(body)
    assert answer["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [fault["pointer"] for fault in told(answer)["errors"]] == [pointer]


@pytest.mark.parametrize("user_id", ["user1", CUSTOMER])
def test_a_user_id_may_name_the_caller_in_both_ways(user_id: str) -> None:
    assert post(WISH | {"userId": user_id})["statusCode"] == HTTPStatus.ACCEPTED


def test_the_order_of_somebody_else_is_as_unknown_as_one_that_never_was() -> None:
    mine = placed_id()
    for act in (get, delete):
        stranger, nobody = act(mine, subject=OTHER_CUSTOMER), act("order-0", subject=OTHER_CUSTOMER)
        assert stranger["statusCode"] == nobody["statusCode"] == HTTPStatus.NOT_FOUND
        assert stranger["body"] == nobody["body"]


def test_a_cancelled_order_shows_why_and_cancelling_twice_is_one_cancellation(orders: DynamoOrders) -> None:
    order_id = placed_id()
    first, again = delete(order_id), delete(order_id)
    assert first["statusCode"] == again["statusCode"] == HTTPStatus.ACCEPTED
    assert told(first) == told(again)
    assert (told(first)["status"], told(first)["reason"]) == ("CANCELLED", "customer_cancelled")
    order = orders.get(order_id)
    assert order is not None
    assert order.version == 2


def test_an_order_that_was_rejected_cannot_be_cancelled(orders: DynamoOrders) -> None:
    order_id = placed_id()
    hear(orders, order_id, Fact.STOCK_REJECTED, "insufficient_stock")
    answer = delete(order_id)
    assert answer["statusCode"] == HTTPStatus.CONFLICT
    assert told(answer)["code"] == "move_not_allowed"
    assert told(get(order_id))["reason"] == "insufficient_stock"
    assert told(get(order_id))["status"] == OrderStatus.REJECTED


def test_what_a_customer_wrote_is_not_logged_even_when_the_table_holds_nonsense(log: StringIO) -> None:
    order_id = placed_id()
    boto3.client("dynamodb").update_item(
        TableName="OrdersTable",
        Key={"order_id": {"S": order_id}},
        UpdateExpression="SET #items = #comment",
        ExpressionAttributeNames={"#items": "items", "#comment": "comment"},
    )
    assert get(order_id)["statusCode"] == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "items" in log.getvalue(), "the log says what is wrong"
    assert "sister" not in log.getvalue()
