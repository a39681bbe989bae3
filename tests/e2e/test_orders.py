"""Orders from the customer's side: whatever happens in between, stock, money and status agree."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.api import wait_for
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e


def test_of_40_who_order_the_last_10_exactly_10_are_confirmed_and_charged(clients: Clients) -> None:
    product = clients.stock(10)
    with ThreadPoolExecutor(40) as pool:
        orders = list(pool.map(lambda _: clients.place(product, 1), range(40)))
        ends = list(pool.map(lambda order: clients.order(order, seconds=150)["status"], orders))

    assert sorted(ends) == ["CONFIRMED"] * 10 + ["REJECTED"] * 30
    level = wait_for(lambda: clients.level(product), lambda seen: seen == (0, 0, 0), seconds=30)
    assert level == (0, 0, 0)
    charges = {order: clients.calls(order)["charged"] for order in orders}
    assert sum(charges.values()) == 10
    assert {order for order, count in charges.items() if count} == {
        order for order, end in zip(orders, ends, strict=True) if end == "CONFIRMED"
    }


@pytest.mark.parametrize(
    ("card", "end", "charged"),
    [
        ("pm_card_visa", "CONFIRMED", 1),
        ("pm_card_chargeDeclinedInsufficientFunds", "CANCELLED", 0),
        ("pm_test_error_twice", "CONFIRMED", 1),
        ("pm_test_answer_lost", "CONFIRMED", 1),
        ("pm_test_slow", "CONFIRMED", 1),
    ],
)
def test_a_card_leads_to_its_end_with_at_most_one_charge(
    clients: Clients, card: str, end: str, charged: int
) -> None:
    product = clients.stock(5)
    order = clients.place(product, 2, card)

    assert clients.order(order, seconds=240)["status"] == end
    assert clients.calls(order)["charged"] == charged
    left = 3 if end == "CONFIRMED" else 5
    level = wait_for(lambda: clients.level(product), lambda seen: seen == (left, 0, left), seconds=30)
    assert level == (left, 0, left)


def test_the_same_key_is_answered_again_byte_for_byte(clients: Clients) -> None:
    product = clients.stock(5)
    key = {"Idempotency-Key": f"key-{product}"}
    body = {"items": [{"productId": product, "price": 2.5, "quantity": 1}]}
    first = clients.as_customer("POST", "orders", "/orders", body, key)
    clients.order(first.body["orderId"])
    again = clients.as_customer("POST", "orders", "/orders", body | {"comment": "now with a comment"}, key)
    other = clients.as_customer(
        "POST", "orders", "/orders", {"items": [{**body["items"][0], "quantity": 2}]}, key
    )

    assert (again.status, again.body) == (202, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    level = wait_for(lambda: clients.level(product), lambda seen: seen == (4, 0, 4), seconds=30)
    assert level == (4, 0, 4)


def test_a_confirmed_order_that_is_cancelled_is_refunded(clients: Clients) -> None:
    order = clients.place(clients.stock(5), 1)
    assert clients.order(order)["status"] == "CONFIRMED"

    assert clients.as_customer("DELETE", "orders", f"/orders/{order}").status == 202
    assert clients.order(order)["status"] == "CANCELLED"
    refunded = wait_for(lambda: clients.calls(order)["refunded"], lambda count: count > 0, seconds=60)
    assert refunded == 1
