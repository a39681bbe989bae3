"""The provider's books, as its lists give them, page by page."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jetbridge.kernel.money import Money
from jetbridge.runtime.partners import pool
from jetbridge.runtime.secrets import Secret
from payments.adapters.books import StripeBooks
from payments.adapters.stripe import ProviderFault, StripeClient
from payments.domain.reconciling import Charge, ChargeStatus
from tests.fakes.payments import NOON
from tests.integration.payments.provider_server import Answer, Server, error

INTENT: dict[str, Any] = {
    "id": "pi_1",
    "amount": 5025,
    "currency": "usd",
    "status": "succeeded",
    "metadata": {"reference": "order-1"},
    "latest_charge": {"amount_refunded": 25},
    "last_payment_error": None,
}


@pytest.fixture
def books(server: Server, secret: Secret) -> StripeBooks:
    return StripeBooks(StripeClient(pool(2, 10), server.url, secret))


def page(*intents: dict[str, Any], more: bool = False) -> Answer:
    return 200, {"object": "list", "data": list(intents), "has_more": more}


def test_a_page_is_read_and_the_next_one_asked_for_after_its_last(books: StripeBooks, server: Server) -> None:
    server.answers = [page(INTENT, INTENT | {"id": "pi_0"}, more=True), page()]
    span = (NOON - timedelta(days=1), NOON)
    first = books.charges(*span, None)
    captured = Charge("pi_1", "order-1", Money(5025, "USD"), ChargeStatus.CAPTURED, 25)
    assert (first.items[0], first.cursor) == (captured, "pi_0")
    assert books.charges(*span, first.cursor).cursor is None
    queries = [parse_qs(urlsplit(sent["path"]).query) for sent in server.received]
    seconds = int(NOON.timestamp())
    common = {"limit": ["100"], "created[lt]": [str(seconds)], "created[gte]": [str(seconds - 86400)]}
    assert queries[0] == common | {"expand[]": ["data.latest_charge"]}
    assert queries[1] == queries[0] | {"starting_after": ["pi_0"]}


def test_stripe_counts_hundredths_of_what_has_none(books: StripeBooks, server: Server) -> None:
    refunded = {"latest_charge": {"amount_refunded": 7000}}
    server.answers = [page(INTENT | {"amount": 500_000, "currency": "isk"} | refunded)]
    (charge,) = books.charges(NOON, NOON, None).items
    assert (charge.amount, charge.refunded) == (Money(5000, "ISK"), 70)


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"status": "processing"}, ChargeStatus.OPEN, None),
        ({"status": "canceled", "latest_charge": None}, ChargeStatus.DECLINED, None),
        (
            {
                "status": "requires_payment_method",
                "latest_charge": None,
                "last_payment_error": {"code": "card_declined", "decline_code": "stolen_card"},
            },
            ChargeStatus.DECLINED,
            "generic_decline",
        ),
    ],
)
def test_a_charge_is_what_its_status_says(
    books: StripeBooks, server: Server, changes: dict[str, Any], status: ChargeStatus, reason: str | None
) -> None:
    server.answers = [page(INTENT | changes)]
    (charge,) = books.charges(NOON, NOON, None).items
    assert (charge.status, charge.reason) == (status, reason)


def test_a_charge_without_a_reference_is_somebody_elses(books: StripeBooks, server: Server) -> None:
    server.answers = [page(INTENT | {"metadata": {}})]
    assert books.charges(NOON, NOON, None).items[0].reference is None


@pytest.mark.parametrize(
    "answer",
    [(500, error("api_error")), (503, {"data": [], "has_more": False}), (200, {}), (200, "not json")],
)
def test_books_that_cannot_be_read_are_a_fault(books: StripeBooks, server: Server, answer: Answer) -> None:
    server.answers = [answer]
    with pytest.raises(ProviderFault):
        books.charges(NOON, NOON, None)


@pytest.mark.parametrize(("status", "there"), [(200, True), (404, False)])
def test_a_charge_is_there_or_not(books: StripeBooks, server: Server, status: int, there: bool) -> None:
    server.answers = [(status, {})]
    assert books.has_charge("pi_1") is there
    assert server.received[0]["path"].startswith("/v1/payment_intents/pi_1")


def test_whether_a_charge_is_there_is_not_guessed(books: StripeBooks, server: Server) -> None:
    server.answers = [(503, "")]
    with pytest.raises(ProviderFault):
        books.has_charge("pi_1")
