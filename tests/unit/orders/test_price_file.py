"""Whatever a price file holds, it is read or refused, and no line is both good and bad."""

from hypothesis import given
from hypothesis import strategies as st

from orders.handlers.price_file import FileTooLong, InvalidFile, read_prices

CELLS = st.text(st.sampled_from('a1.,;\t"\r\n \u2028\x00-'))


@given(st.text() | CELLS)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        good, faults = read_prices(f"product_id,name,price\n{text}", "USD")
    except (InvalidFile, FileTooLong):
        return
    assert not set(good) & {fault.line for fault in faults}
    assert len({product.product_id for product in good.values()}) == len(good)
