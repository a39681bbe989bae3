"""300 orders by 16 clients: impatience, faults of the card processor, declines, products that sell out."""

import pytest

from bench.rush import Rush
from bench.wishes import FEW_UNITS, SOLD_OUT
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e


def test_after_a_rush_the_books_balance_to_the_cent_and_to_the_unit(clients: Clients) -> None:
    ended, books = Rush(clients.outputs, seconds=200).run()

    assert len({each.order_id for each in ended}) == 300
    assert {each.status for each in ended} == {"CONFIRMED", "REJECTED", "CANCELLED"}
    assert {each.wish.card for each in ended if each.status == "CANCELLED"} == {"pm_card_chargeDeclined"}
    assert books.captured - books.refunded == books.confirmed
    assert books.charges == sum(each.status == "CONFIRMED" for each in ended)
    assert (books.sold, books.held) == (books.wanted, 0)
    assert all(FEW_UNITS - units in (0, 1) for units in list(books.sold.values())[:SOLD_OUT])
