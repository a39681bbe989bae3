"""PUT and GET /products/{productId}, what they do to orders, and the adapter's promises."""

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from botocore.stub import Stubber

from jetbridge.kernel.errors import ConcurrentUpdate
from jetbridge.kernel.money import Money
from jetbridge.runtime import aws
from jetbridge.runtime.dynamodb import LeftOut
from orders.adapters.products import DynamoProducts
from orders.domain.products import Product
from orders.handlers import get_product, place_order, put_product
from tests.lambda_events import OPERATOR, api_request, context

LAMP = {"name": "A lamp", "price": "50.25"}
STORED = Product("lamp", "A lamp", Money(5025, "USD"), 3)


@pytest.fixture
def products(_account: None) -> DynamoProducts:
    return DynamoProducts(aws.client("dynamodb"), "ProductsTable")


def put(body: object = LAMP, product_id: str = "lamp", groups: str = "operators") -> tuple[int, Any]:
    request = api_request("PUT", f"/products/{product_id}", body, subject=OPERATOR, groups=groups)
    answer = put_product.handler(request, context())
    return answer["statusCode"], json.loads(answer["body"])


def get(product_id: str = "lamp") -> tuple[int, Any]:
    answer = get_product.handler(api_request("GET", f"/products/{product_id}"), context())
    return answer["statusCode"], json.loads(answer["body"])


def order(price: object, key: str, product_id: str = "lamp") -> dict[str, Any]:
    body = {"items": [{"productId": product_id, "price": price, "quantity": 1}]}
    request = api_request("POST", "/orders", body, headers={"Idempotency-Key": key})
    answer: dict[str, Any] = place_order.handler(request, context())
    return answer


def test_an_operator_puts_a_product_and_everybody_sees_it() -> None:
    shown = {
        "productId": "lamp",
        "name": "A lamp",
        "price": {"amount": "50.25", "currency": "USD"},
        "version": 1,
    }
    assert put() == put() == get() == (HTTPStatus.OK, shown)
    changed = shown | {"price": {"amount": "51.00", "currency": "USD"}, "lowStockThreshold": 5, "version": 2}
    assert put(LAMP | {"price": 51, "lowStockThreshold": 5}) == get() == (HTTPStatus.OK, changed)


def test_a_customer_puts_nothing() -> None:
    status, body = put(groups="")
    assert (status, body["code"]) == (HTTPStatus.FORBIDDEN, "forbidden")
    assert get()[0] == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"price": 1}, "/name"),
        ({"name": "A lamp"}, "/price"),
        (LAMP | {"price": -1}, "/price"),
        (LAMP | {"lowStockThreshold": "5"}, "/lowStockThreshold"),
        (LAMP | {"colour": "red"}, "/colour"),
    ],
)
def test_a_malformed_product_is_pointed_at(body: dict[str, Any], pointer: str) -> None:
    status, told = put(body)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [fault["pointer"] for fault in told["errors"]] == [pointer]


def test_a_price_with_more_digits_than_the_currency_is_refused() -> None:
    status, told = put(LAMP | {"price": "50.255"})
    assert (status, told["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_amount")
    assert told["errors"] == [{"pointer": "/price", "detail": "50.255 has more digits than USD has"}]


def test_an_order_at_another_price_is_told_the_current_one_and_told_it_again() -> None:
    put()
    first, again = order("50.26", "key-1"), order("50.26", "key-1")
    assert first["statusCode"] == HTTPStatus.CONFLICT
    told = json.loads(first["body"])
    assert told["code"] == "price_changed"
    (fault,) = told["errors"]
    assert (fault["pointer"], fault["price"]) == ("/items/0/price", {"amount": "50.25", "currency": "USD"})
    assert (again["statusCode"], again["body"]) == (first["statusCode"], first["body"])
    assert again["multiValueHeaders"]["Idempotency-Replayed"] == ["true"]
    assert order("50.250", "key-2")["statusCode"] == HTTPStatus.ACCEPTED


def test_a_price_that_changes_after_the_order_leaves_the_order_alone() -> None:
    put()
    first = order("50.25", "key-1")
    put(LAMP | {"price": 51})
    assert order("50.25", "key-1")["body"] == first["body"]


def test_a_product_without_a_price_is_refused_where_prices_are_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PRICE_LIST", "required")
    answer = order("50.25", "key-1")
    assert answer["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
    told = json.loads(answer["body"])
    assert told["code"] == "unknown_product"
    assert [fault["pointer"] for fault in told["errors"]] == ["/items/0/productId"]


def test_a_product_comes_back_as_it_was_written(products: DynamoProducts) -> None:
    products.save(STORED)
    yen = Product("chair", "A chair", Money(500, "JPY"))
    products.save(yen)
    assert products.get("lamp") == STORED
    assert products.listed(["lamp", "chair", "lamp", "sofa"]) == {"lamp": STORED, "chair": yen}


def test_a_version_is_written_once_and_only_after_the_one_before(products: DynamoProducts) -> None:
    with pytest.raises(ConcurrentUpdate):
        products.save(replace(STORED, version=2))
    products.save(STORED)
    with pytest.raises(ConcurrentUpdate):
        products.save(STORED)
    products.save(replace(STORED, version=2))
    with pytest.raises(ConcurrentUpdate):
        products.save(replace(STORED, version=2))


def test_products_that_dynamodb_left_out_are_asked_for_again_but_not_for_ever(
    products: DynamoProducts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A product that was not read must not look like one without a price."""
    monkeypatch.setattr("jetbridge.runtime.dynamodb.back_off", lambda _: None)
    left_out = {"ProductsTable": {"Keys": [{"product_id": {"S": "lamp"}}]}}
    item = {
        "product_id": {"S": "lamp"},
        "name": {"S": "A lamp"},
        "price_minor": {"N": "5025"},
        "currency": {"S": "USD"},
        "low_stock_threshold": {"N": "3"},
        "version": {"N": "1"},
    }
    with Stubber(aws.client("dynamodb")) as dynamodb:
        dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left_out})
        found: Any = {"Responses": {"ProductsTable": [item]}, "UnprocessedKeys": {}}
        dynamodb.add_response("batch_get_item", found)
        assert products.get("lamp") == STORED
        for _ in range(8):
            dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left_out})
        with pytest.raises(LeftOut):
            products.get("lamp")
