"""Batches of partners: each order is placed once, whatever its neighbours, redeliveries and senders are."""

import json
from http import HTTPStatus
from typing import Any

import boto3
import pytest

from jetbridge.kernel.ids import stable_id
from jetbridge.runtime.idempotency import Request, once
from orders import bootstrap
from orders.adapters.batches import DynamoBatches
from orders.adapters.dynamodb import DynamoOrders
from orders.domain.batches import MAX_ORDERS
from orders.domain.orders import Order
from orders.handlers import get_batch, order_batches, place_order
from orders.handlers.order_batches import MAX_FAULTS
from tests.lambda_events import CUSTOMER, OTHER_CUSTOMER, api_request, context, failed, sqs

BATCH = "batch-1"
LAMP = {"productId": "lamp", "price": "50.25", "quantity": 2}


def entry(key: str = "t-1", **changes: object) -> dict[str, object]:
    return {"requestToken": key, "items": [LAMP], **changes}


def message(*orders: object, batch: str = BATCH, body: object = None) -> dict[str, Any]:
    """As API Gateway puts it into the queue."""
    event = sqs({"orders": orders} if body is None else body)
    sender = {"batch_id": batch, "customer_id": CUSTOMER, "username": "user1", "correlation_id": "corr-1"}
    event["Records"][0]["messageAttributes"] = {
        name: {"stringValue": value, "dataType": "String"} for name, value in sender.items()
    }
    return event


def deliver(event: dict[str, Any]) -> list[int]:
    return failed(order_batches.handler(event, context(seconds=60)), event)


def ask(batch: str = BATCH, **request: Any) -> tuple[int, Any]:
    answer = get_batch.handler(api_request("GET", f"/orders/batches/{batch}", **request), context())
    return answer["statusCode"], json.loads(answer["body"])


def told(batch: str = BATCH) -> list[tuple[str, str]]:
    """Of each order its status, and the code of its problem or its id."""
    _, seen = ask(batch)
    return [(it["status"], it.get("orderId") or it["problem"]["code"]) for it in seen["orders"]]


def post(body: object) -> dict[str, Any]:
    answer: dict[str, Any] = place_order.handler(api_request("POST", "/orders", body), context())
    return answer


def id_of(token: str) -> str:
    return stable_id("order", CUSTOMER, token)


def stored() -> int:
    return int(boto3.client("dynamodb").scan(TableName="OrdersTable")["Count"])


def test_good_orders_are_placed_and_bad_ones_refused_alone(orders: DynamoOrders) -> None:
    bad = {**LAMP, "quantity": 0, "price": "1.234x"}
    assert deliver(message(entry(), entry("t-2", items=[bad]), 7, entry("t-3", comment="c" * 1000))) == []
    assert told() == [
        ("PLACED", id_of("t-1")),
        ("REFUSED", "invalid_request"),
        ("REFUSED", "invalid_request"),
        ("PLACED", id_of("t-3")),
    ]
    order = orders.get(id_of("t-1"))
    assert order is not None
    assert (order.customer_id, order.correlation_id) == (CUSTOMER, "corr-1")
    _, seen = ask()
    assert seen["status"] == "SETTLED"
    pointers = [fault["pointer"] for fault in seen["orders"][1]["problem"]["errors"]]
    assert pointers == ["/items/0/price", "/items/0/quantity"]


def test_a_batch_is_answered_as_the_single_requests_would_be() -> None:
    bodies = [entry("t-1"), entry("t-2", userId="user2"), entry("t-3", items=[{**LAMP, "price": "1.234"}])]
    single = [json.loads(post(body)["body"]) for body in bodies]
    deliver(message(*bodies))
    _, seen = ask()
    assert seen["orders"][0]["orderId"] == single[0]["orderId"]
    assert [it["problem"] for it in seen["orders"][1:]] == single[1:]


def test_a_token_that_a_batch_used_up_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "place-batches")
    deliver(message(entry(items=[{**LAMP, "price": "1.234"}])))
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "place-order")
    answer = post(entry())
    assert answer["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert json.loads(answer["body"])["code"] == "idempotency_key_reused"


def test_an_order_needs_its_own_token() -> None:
    deliver(message({"items": [LAMP]}))
    _, seen = ask()
    assert [fault["pointer"] for fault in seen["orders"][0]["problem"]["errors"]] == ["/requestToken"]


def test_a_redelivered_batch_repeats_nothing_and_tells_the_same() -> None:
    event = message(entry(), entry("t-2", items=[]))
    deliver(event)
    before = ask()
    assert deliver(event) == []
    assert ask() == before
    assert stored() == 1


def test_a_batch_that_is_sent_again_is_another_batch_of_the_same_orders() -> None:
    deliver(message(entry(), entry("t-2")))
    deliver(message(entry(), entry("t-2"), batch="batch-2"))
    assert told("batch-2") == told()
    assert stored() == 2


def test_a_token_used_twice_in_a_batch_is_one_order_or_refused() -> None:
    deliver(message(entry(), entry(), entry(items=[{**LAMP, "quantity": 3}])))
    assert told() == [("PLACED", id_of("t-1"))] * 2 + [("REFUSED", "idempotency_key_reused")]
    assert stored() == 1


def test_a_fault_at_one_order_holds_back_no_other_and_the_next_delivery_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add, broken = DynamoOrders.add, [id_of("t-2")]

    def fail_once(self: DynamoOrders, order: Order) -> bool:
        if order.order_id in broken:
            broken.remove(order.order_id)
            raise ConnectionError("no answer")
        return add(self, order)

    monkeypatch.setattr(DynamoOrders, "add", fail_once)
    event = message(entry(), entry("t-2"), entry("t-3"))
    assert deliver(event) == [0]
    status, seen = ask()
    assert (status, seen["status"]) == (HTTPStatus.OK, "WAITING")
    assert [it["status"] for it in seen["orders"]] == ["PLACED", "WAITING", "PLACED"]
    assert deliver(event) == []
    assert told() == [("PLACED", id_of(token)) for token in ("t-1", "t-2", "t-3")]


def test_a_crash_before_an_outcome_is_written_places_no_second_order(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as crashing:
        crashing.setattr(DynamoBatches, "record", lambda *_: 1 / 0)
        assert deliver(message(entry())) == [0]
    assert stored() == 1
    assert deliver(message(entry())) == []
    assert told() == [("PLACED", id_of("t-1"))]
    assert stored() == 1


def test_an_order_that_another_request_is_placing_waits_for_the_next_delivery() -> None:
    def meanwhile() -> Any:
        assert deliver(message(entry())) == [0]
        raise ConnectionAbortedError

    fingerprint = {"items": [["lamp", 2, "50.25"]], "payment_method": "pm_card_visa"}
    with pytest.raises(ConnectionAbortedError):
        once(
            Request("order", CUSTOMER, "t-1", fingerprint),
            meanwhile,
            records=bootstrap.idempotency_records(),
            keep_seconds=60,
            context=context(),
        )
    assert [it["status"] for it in ask()[1]["orders"]] == ["WAITING"]
    assert deliver(message(entry())) == []


def test_an_order_with_a_member_given_twice_is_refused_alone() -> None:
    twice = json.dumps(entry("t-1"))[:-1] + ', "requestToken": "t-2"}'
    deliver(message(body=f'{{"orders": [{twice}, {json.dumps(entry("t-3"))}]}}'))
    assert [status for status, _ in told()] == ["REFUSED", "PLACED"]
    (fault,) = ask()[1]["orders"][0]["problem"]["errors"]
    assert fault == {"pointer": "/requestToken", "detail": "Give this member once."}


@pytest.mark.parametrize(
    "bad",
    [entry("\ud800"), entry() | {"é" * 120_000: 1}],
    ids=["a token that is no text", "a very long name"],
)
def test_an_order_that_can_hardly_be_written_down_is_refused_alone(bad: object) -> None:
    assert deliver(message(bad, entry("t-2"))) == []
    assert told() == [("REFUSED", "invalid_request"), ("PLACED", id_of("t-2"))]


@pytest.mark.parametrize(
    "body",
    [
        "{",
        '{"orders": [{}], "orders": [{}]}',
        '{"orders": NaN}',
        {"orders": []},
        {"orders": [entry()], "x": 1},
        {"orders": [1] * (MAX_ORDERS + 1)},
    ],
)
def test_a_batch_that_is_none_is_refused_whole(body: object) -> None:
    assert deliver(message(body=body)) == []
    status, seen = ask()
    assert (status, seen["status"], seen["orders"]) == (HTTPStatus.OK, "REFUSED", [])
    assert seen["problem"]["code"] == "invalid_request"


def test_somebody_elses_batch_is_not_found_and_an_own_one_that_is_on_its_way_is_to_be_asked_for_again() -> (
    None
):
    deliver(message(entry()))
    assert ask(subject=OTHER_CUSTOMER)[0] == HTTPStatus.NOT_FOUND
    answer = get_batch.handler(api_request("GET", "/orders/batches/another"), context())
    assert answer["statusCode"] == HTTPStatus.NOT_FOUND
    assert int(answer["multiValueHeaders"]["Retry-After"][0]) >= 1


def test_a_message_without_a_sender_is_buried(dead_letters: str) -> None:
    event = message(entry())
    del event["Records"][0]["messageAttributes"]["customer_id"]
    assert deliver(event) == []
    (letter,) = boto3.client("sqs").receive_message(QueueUrl=dead_letters, MessageAttributeNames=["All"])[
        "Messages"
    ]
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "no message attribute customer_id"
    assert stored() == 0


def test_a_message_whose_sender_is_no_text_is_buried(dead_letters: str) -> None:
    event = message(entry())
    sender = {"dataType": "Binary", "binaryValue": "AAAA"}
    event["Records"][0]["messageAttributes"]["customer_id"] = sender
    assert deliver(event) == []
    found = boto3.client("sqs").receive_message(QueueUrl=dead_letters, MessageAttributeNames=["All"])
    attributes = found["Messages"][0]["MessageAttributes"]
    assert attributes["reason"]["StringValue"] == "no message attribute customer_id"


def test_the_faults_of_one_order_are_bounded() -> None:
    unknown = {f"field{number}": 1 for number in range(5000)}
    deliver(message({**entry(), **unknown}))
    assert len(ask()[1]["orders"][0]["problem"]["errors"]) == MAX_FAULTS


def test_a_full_batch_is_placed() -> None:
    deliver(message(*(entry(f"t-{number}") for number in range(MAX_ORDERS))))
    assert {status for status, _ in told()} == {"PLACED"}
    assert stored() == MAX_ORDERS
