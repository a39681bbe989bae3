"""What customers see of their orders, and the price list, on the whole application."""

import pytest

from sandbox.api import expect, wait_for
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e


def test_an_order_is_in_its_customers_list_only_and_tells_its_events(clients: Clients) -> None:
    order = clients.place(clients.stock(5), 1)
    assert clients.order(order)["status"] == "CONFIRMED"

    def newest() -> str:
        return str(
            expect(200, clients.as_customer("GET", "orders", "/orders?limit=1"))["orders"][0]["orderId"]
        )

    assert wait_for(newest, lambda seen: seen == order, seconds=10) == order
    others = expect(200, clients.as_other("GET", "orders", "/orders?limit=100"))["orders"]
    assert order not in {other["orderId"] for other in others}
    told = expect(200, clients.as_customer("GET", "orders", f"/orders/{order}/events"))["events"]
    assert [event["because"] for event in told] == ["placed", "stock_reserved", "payment_captured"]


def test_an_order_at_another_price_than_the_list_has_is_told_the_current_one(clients: Clients) -> None:
    product = clients.stock(5)
    body = {"name": "A thing", "price": "2.60"}
    assert clients.as_customer("PUT", "orders", f"/products/{product}", body).status == 403
    expect(200, clients.as_operator("PUT", "orders", f"/products/{product}", body))
    wish = {"items": [{"productId": product, "price": "2.50", "quantity": 1}]}
    refused = clients.as_customer("POST", "orders", "/orders", wish)
    assert (refused.status, refused.body["code"]) == (409, "price_changed")
    assert refused.body["errors"][0]["price"] == {"amount": "2.60", "currency": "USD"}
