"""GET /calls: what operators and tests see of the calls."""

from itertools import pairwise

from tests.integration.payment_provider.conftest import Api


def test_the_calls_of_a_reference_are_listed_oldest_first(api: Api) -> None:
    intent = api.charge().body["id"]
    api.charge("key-2", **{"metadata[reference]": "order-2"})
    api.refund(payment_intent=intent, **{"metadata[reference]": "order-1"})
    answer = api.calls("order-1")
    charged, refunded = answer.body["calls"]
    assert answer.status == 200
    assert charged.pop("time") <= refunded.pop("time")
    assert charged == {
        "method": "POST",
        "path": "/v1/payment_intents",
        "idempotencyKey": "key-1",
        "reference": "order-1",
        "amount": "50.25",
        "currency": "USD",
        "outcome": "charged",
    }
    assert (refunded["outcome"], refunded["path"]) == ("refunded", "/v1/refunds")


def test_all_calls_are_listed_in_time_also_those_about_nothing(api: Api) -> None:
    api.charge()
    api.refund(payment_intent="pi_none")
    api.charge("key-2", **{"metadata[reference]": "order-2"})
    calls = api.calls().body["calls"]
    assert [call["outcome"] for call in calls] == ["charged", "invalid", "charged"]
    assert all(earlier["time"] <= later["time"] for earlier, later in pairwise(calls))
    assert "reference" not in calls[1]


def test_no_calls_are_an_empty_list(api: Api) -> None:
    assert api.calls("order-none").body == {"calls": []}


def test_customers_do_not_see_the_calls(api: Api) -> None:
    answer = api.calls(groups="")
    assert (answer.status, answer.body["code"]) == (403, "forbidden")


def test_a_call_about_something_endless_is_logged_too(api: Api) -> None:
    assert api.charge(**{"metadata[reference]": "é" * 3000}).status == 200
    assert [call["reference"] for call in api.calls().body["calls"]] == ["é" * 500]
    assert api.calls("é" * 3000).status == 422
