"""Who may do what: no route is open but the flights; what is somebody else's does not exist."""

import pytest

from sandbox.api import call
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e

CUSTOMERS = [
    ("POST", "orders", "/orders"),
    ("GET", "orders", "/orders/x"),
    ("DELETE", "orders", "/orders/x"),
    ("POST", "bookings", "/bookings"),
    ("GET", "bookings", "/bookings"),
    ("GET", "bookings", "/bookings/x"),
    ("GET", "inventory", "/inventory/x"),
]
OPERATORS = [
    ("PUT", "bookings", "/flights/x"),
    ("PUT", "orders", "/products/x"),
    ("POST", "orders", "/products/imports"),
    ("POST", "inventory", "/inventory/imports"),
    ("GET", "inventory", "/inventory/imports/x"),
    ("GET", "payment_provider", "/calls"),
]


@pytest.mark.parametrize(("method", "service", "path"), CUSTOMERS + OPERATORS)
@pytest.mark.parametrize("token", [None, "not-a-token"])
def test_no_route_is_open(clients: Clients, method: str, service: str, path: str, token: str | None) -> None:
    assert call(method, clients.outputs.apis[service] + path, token=token).status == 401


@pytest.mark.parametrize(("method", "service", "path"), OPERATORS)
def test_operators_routes_are_not_for_customers(
    clients: Clients, method: str, service: str, path: str
) -> None:
    """Whatever they send: the group is asked before the body is read."""
    assert clients.as_customer(method, service, path, {} if method in {"POST", "PUT"} else None).status == 403


def test_flights_are_open_to_everybody(clients: Clients) -> None:
    flight = clients.flight(3)
    assert call("GET", f"{clients.outputs.apis['bookings']}/flights/{flight}").status == 200
    assert call("GET", f"{clients.outputs.apis['bookings']}/flights").status == 200


def test_somebody_elses_order_and_booking_are_not_found(clients: Clients) -> None:
    order = clients.place(clients.stock(1), 1)
    booking = clients.book(clients.flight(1), 1)
    assert clients.as_other("GET", "orders", f"/orders/{order}").status == 404
    assert clients.as_other("DELETE", "orders", f"/orders/{order}").status == 404
    assert clients.as_other("GET", "bookings", f"/bookings/{booking}").status == 404


def test_the_provider_takes_its_secret_only(clients: Clients) -> None:
    url = f"{clients.outputs.apis['payment_provider']}/v1/payment_intents"
    refused = call("POST", url, headers={"Authorization": "Bearer sk_test_wrong"})
    assert (refused.status, refused.body["error"]["type"]) == (401, "invalid_request_error")
