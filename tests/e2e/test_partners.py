"""Partners: a batch goes through the queue to placed orders, and a key says how much may be asked."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import urllib3

from sandbox.api import Answer, call, expect, wait_for
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e


def ask(clients: Clients, method: str, path: str, body: object = None, *, key: str | None = None) -> Answer:
    outputs = clients.outputs
    headers = {"x-api-key": outputs.partner_key if key is None else key, "X-Correlation-Id": "partner-7"}
    return call(method, outputs.apis["orders"] + path, body, token=outputs.tokens.customer, headers=headers)


def order(product: str, quantity: int = 1) -> dict[str, Any]:
    item = {"productId": product, "price": "2.50", "quantity": quantity}
    return {"requestToken": str(uuid4()), "items": [item]}


def settled(clients: Clients, taken: Any) -> Any:
    answer = wait_for(
        lambda: ask(clients, "GET", taken["links"]["self"]),
        lambda found: found.status == 200 and found.body["status"] != "WAITING",
        seconds=30,
        every=0.5,
    )
    return expect(200, answer)


def test_each_order_of_a_batch_is_placed_for_its_sender_or_refused_alone(clients: Clients) -> None:
    product = clients.stock(3)
    orders = [order(product, 2), order(product, 0), order(product)]
    taken = expect(202, ask(clients, "POST", "/orders/batch", {"orders": orders}))
    seen = settled(clients, taken)["orders"]
    assert [it["status"] for it in seen] == ["PLACED", "REFUSED", "PLACED"]
    assert seen[1]["problem"]["errors"][0]["pointer"] == "/items/0/quantity"
    assert {clients.order(it["orderId"])["status"] for it in (seen[0], seen[2])} == {"CONFIRMED"}
    history = expect(200, clients.as_customer("GET", "orders", f"/orders/{seen[0]['orderId']}/events"))
    assert history["correlationId"] == "partner-7"
    again = expect(202, ask(clients, "POST", "/orders/batch", {"orders": orders}))
    assert [it.get("orderId") for it in settled(clients, again)["orders"]] == [
        it.get("orderId") for it in seen
    ]


def test_a_batch_needs_a_key_the_right_shape_and_room(clients: Clients) -> None:
    good = {"orders": [order("lamp")]}
    assert ask(clients, "POST", "/orders/batch", good, key="").status == 403
    assert ask(clients, "POST", "/orders/batch", good, key="x" * 20).status == 403
    refused = ask(clients, "POST", "/orders/batch", {"orders": [1]})
    assert (refused.status, refused.body["code"]) == (400, "invalid_request")
    large = ask(clients, "POST", "/orders/batch", {"orders": [{"comment": "x" * 262_144}]})
    assert (large.status, large.body["code"]) == (413, "batch_too_large")


def test_a_batch_holds_no_character_that_a_message_may_not_hold(clients: Clients) -> None:
    outputs = clients.outputs
    refused = urllib3.request(
        "POST",
        outputs.apis["orders"] + "/orders/batch",
        body='{"orders": [{"comment": "\uffff"}]}'.encode(),
        headers={
            "Authorization": outputs.tokens.customer,
            "Content-Type": "application/json",
            "x-api-key": outputs.partner_key,
        },
    )
    assert (refused.status, refused.json()["code"]) == (400, "invalid_request")


def test_a_partner_who_asks_too_much_is_told_when_to_come_again(clients: Clients) -> None:
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: ask(clients, "GET", "/orders/batches/none"), range(60)))
    assert {answer.status for answer in answers} == {404, 429}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers)


def test_a_preflight_needs_neither_token_nor_key(clients: Clients) -> None:
    url = f"{clients.outputs.apis['orders']}/orders/x"
    answer = call("OPTIONS", url, headers={"Origin": "https://shop.example"})
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
