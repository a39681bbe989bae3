"""Lists of intents and refunds, page by page as Stripe gives them."""

from typing import Any

import pytest

from jetbridge.kernel.clock import utc_now
from tests.integration.payment_provider.conftest import Answer, Api

INTENTS = "/v1/payment_intents"


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [it["id"] for it in answer.body["data"]]


def all_ids(api: Api, path: str, **query: str) -> list[str]:
    """All ids of a list, by following its pages."""
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = api.pages(path, limit="2", **query, **more)
        found += ids(page)
        if not page.body["has_more"]:
            return found
        more = {"starting_after": found[-1]}


def test_intents_are_listed_newest_first_to_the_last_page(api: Api) -> None:
    made = [api.charge(f"key-{number}").body["id"] for number in range(5)]
    assert all_ids(api, INTENTS) == made[::-1]
    assert api.pages(INTENTS).body["object"] == "list"


@pytest.mark.parametrize(("count", "more"), [(2, False), (3, True)])
def test_a_page_says_whether_there_is_another(api: Api, count: int, more: bool) -> None:
    for number in range(count):
        api.charge(f"key-{number}")
    assert api.pages(INTENTS, limit="2").body["has_more"] is more


def test_the_list_can_be_of_a_span_of_time(api: Api) -> None:
    made = api.charge().body["id"]
    now = int(utc_now().timestamp())
    assert ids(api.pages(INTENTS, **{"created[gte]": str(now - 60), "created[lt]": str(now + 60)})) == [made]
    assert ids(api.pages(INTENTS, **{"created[lt]": str(now - 60)})) == []
    assert ids(api.pages(INTENTS, **{"created[gte]": str(now + 60)})) == []
    assert ids(api.pages(INTENTS, **{"created[gte]": str(now + 60), "created[lt]": str(now - 60)})) == []


def test_an_intent_can_be_listed_with_its_charge_in_it(api: Api) -> None:
    intent = api.charge().body["id"]
    api.refund(payment_intent=intent, amount="25")
    plain, expanded = (
        api.pages(INTENTS, **more).body["data"][0] for more in ({}, {"expand[]": "data.latest_charge"})
    )
    assert expanded["latest_charge"]["id"] == plain["latest_charge"]
    assert expanded["latest_charge"]["amount_refunded"] == 25


def test_refunds_are_listed_of_one_intent(api: Api) -> None:
    intent, other = (api.charge(key).body["id"] for key in ("one", "other"))
    api.refund("of-other", payment_intent=other)
    made = [api.refund(f"r{n}", payment_intent=intent, amount="1").body["id"] for n in range(3)]
    assert all_ids(api, "/v1/refunds", payment_intent=intent) == made[::-1]
    assert all_ids(api, "/v1/refunds", payment_intent="pi_unknown") == []


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"starting_after": "pi_unknown"}, {"created[gte]": "x"}]
)
def test_a_list_that_cannot_be_given_is_refused(api: Api, query: dict[str, str]) -> None:
    answer = api.pages(INTENTS, **query)
    assert (answer.status, answer.body["error"]["type"]) == (404, "invalid_request_error")
