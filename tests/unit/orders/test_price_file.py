"""Whatever a price file holds, it is read or refused, and no line is both good and bad."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.handlers.price_file import Fault, FileTooLong, InvalidFile, read_prices

CELLS = st.text(st.sampled_from('a1.,;\t"\r\n \u2028\x00-'))


@given(st.text() | CELLS)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        good, faults = read_prices(f"product_id,name,price\n{text}", "USD")
    except (InvalidFile, FileTooLong):
        return
    assert not set(good) & {fault.line for fault in faults}
    assert len({product.product_id for product in good.values()}) == len(good)


def test_only_line_ends_end_lines() -> None:
    text = "product_id,name,price\nlamp,A\u2028lamp\x0bof\x85light,50.25\r\nchair,A chair,x\n"
    good, faults = read_prices(text, "USD")
    assert {line: product.name for line, product in good.items()} == {2: "A\u2028lamp\x0bof\x85light"}
    assert [fault.line for fault in faults] == [3]


def test_the_delimiter_is_that_of_the_first_line() -> None:
    for end in ("\n", "\r\n", "\r"):
        good, _ = read_prices(f"product_id;name;price{end}lamp;A lamp, lit;50.25{end}", "USD")
        assert [product.name for product in good.values()] == ["A lamp, lit"]


def test_a_cell_is_read_without_the_spaces_around_it() -> None:
    good, faults = read_prices("product_id,name,price\n lamp , A lamp , 50.25 \n", "USD")
    assert [(it.product_id, it.name, it.price.amount) for it in good.values()] == [
        ("lamp", "A lamp", "50.25")
    ]
    assert not faults


def test_a_product_that_nobody_could_order_is_refused() -> None:
    _, faults = read_prices(f"product_id,name,price\n{'\U0001f4a1' * 600},A lamp,50.25\n", "USD")
    assert faults == [Fault(2, "product_id: String should have at most 256 characters")]


@pytest.mark.parametrize(
    "damaged", ['"chair,A chair,1\n', f"{'x' * 200_000},A chair,1\n", '"cha"ir,A chair,1\n']
)
def test_a_row_that_is_no_csv_is_named_by_the_line_that_it_begins_at(damaged: str) -> None:
    with pytest.raises(InvalidFile, match=r"^Line 3 is no CSV"):
        read_prices(f"product_id,name,price\nlamp,A lamp,50.25\n{damaged}more,More,1\n", "USD")


def test_what_was_not_utf_8_becomes_no_product() -> None:
    good, faults = read_prices("product_id,name,price\nl\ufffdmp,A l\ufffdmp,1\nlamp,A lamp,1\n", "USD")
    assert [product.product_id for product in good.values()] == ["lamp"]
    assert faults == [Fault(2, "product_id: not UTF-8; name: not UTF-8")]
