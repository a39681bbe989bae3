"""The price list by file: good rows count, bad ones are told with their line, again changes nothing."""

import json
from http import HTTPStatus
from typing import Any

import pytest

from jetbridge.kernel.errors import ConcurrentUpdate
from orders import bootstrap
from orders.adapters.products import DynamoProducts
from orders.domain.products import Product
from orders.handlers import import_products
from orders.handlers.price_file import MAX_ROWS
from tests.lambda_events import api_request, context

HEADER = "product_id,name,price\n"


def send(text: str, *, groups: str = "operators", kind: str = "text/csv") -> tuple[int, Any]:
    request = api_request("POST", "/products/imports", text, headers={"Content-Type": kind}, groups=groups)
    answer = import_products.handler(request, context(seconds=28))
    return answer["statusCode"], json.loads(answer["body"])


def numbers(told: Any) -> tuple[int, int, int]:
    return told["rowsRead"], told["rowsWritten"], told["rowsUnchanged"]


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_file_sets_names_and_prices(start: str, end: str, between: str) -> None:
    rows = ["product_id,name,price,low_stock_threshold", "lamp,Desk lamp,50.25,5", 'mask,"Eye mask",9.9,', ""]
    text = start + end.join(rows).replace(",", between)
    assert send(text) == (
        HTTPStatus.OK,
        {"rowsRead": 2, "rowsWritten": 2, "rowsUnchanged": 0, "rejected": []},
    )
    lamp, mask = bootstrap.products().get("lamp"), bootstrap.products().get("mask")
    assert lamp is not None
    assert mask is not None
    assert (lamp.name, lamp.price.minor, lamp.low_stock_threshold, lamp.version) == ("Desk lamp", 5025, 5, 1)
    assert (mask.name, mask.price.minor, mask.low_stock_threshold) == ("Eye mask", 990, None)


def test_the_same_file_again_changes_nothing_and_another_price_is_the_next_version() -> None:
    send(HEADER + "lamp,Lamp,1\nmask,Mask,2\n")
    assert numbers(send(HEADER + "lamp,Lamp,1.00\nmask,Mask,2\n")[1]) == (2, 0, 2)
    assert numbers(send(HEADER + "lamp,Lamp,3\nmask,Mask,2\n")[1]) == (2, 1, 1)
    lamp = bootstrap.products().get("lamp")
    assert lamp is not None
    assert lamp.version == 2


BAD = {
    "lamp,Lamp,1.234": "price: 1.234 has more digits than USD has",
    "lamp,Lamp,free": "price: Input should be a decimal number such as 50.25",
    "lamp,Lamp,-1": "price: Input should be a decimal number such as 50.25",
    "lamp,Lamp,1e3": "price: Input should be a decimal number such as 50.25",
    "lamp,,1": "name: Field required",
    "lamp": "name: Field required; price: Field required",
    "lamp,Lamp,1,2": "more cells than columns",
    "mask,Other,1": "product_id: the same as in line 2",
}


@pytest.mark.parametrize("row", BAD)
def test_a_bad_row_is_told_with_its_line_and_stops_no_other(row: str) -> None:
    status, told = send(f"{HEADER}mask,Mask,2\n{row}\ncase,Case,3\n")
    assert (status, numbers(told)) == (HTTPStatus.OK, (3, 2, 0))
    assert told["rejected"] == [{"line": 3, "reason": BAD[row]}]


@pytest.mark.parametrize(
    "text", ["", "\n", "lamp,Lamp,1\n", "product_id,name\n", "name,price,product_id,x\n"]
)
def test_a_file_without_the_header_is_refused(text: str) -> None:
    status, told = send(text)
    assert (status, told["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_file")


def test_a_file_that_is_too_long_changes_nothing() -> None:
    rows = "".join(f"p{number},P,1\n" for number in range(MAX_ROWS + 1))
    status, told = send(HEADER + rows)
    assert (status, told["code"]) == (HTTPStatus.CONTENT_TOO_LARGE, "file_too_long")
    assert bootstrap.products().get("p0") is None


def test_a_product_that_somebody_else_changes_at_this_moment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    save = DynamoProducts.save

    def overtaken(self: DynamoProducts, product: Product) -> None:
        if product.product_id == "lamp":
            raise ConcurrentUpdate("lamp")
        save(self, product)

    monkeypatch.setattr(DynamoProducts, "save", overtaken)
    _, told = send(HEADER + "lamp,Lamp,1\nmask,Mask,2\n")
    assert numbers(told) == (2, 1, 0)
    assert [fault["line"] for fault in told["rejected"]] == [2]


def test_only_operators_send_files_and_only_as_csv() -> None:
    assert send("anything", groups="")[0] == HTTPStatus.FORBIDDEN
    status, told = send("{}", kind="application/json")
    assert (status, told["code"]) == (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_csv")
