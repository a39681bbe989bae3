"""Stripe's routes: forms and headers in, Stripe's JSON out, and every call in the log."""

import boto3
import pytest

from tests.integration.payment_provider.conftest import Answer, Api


def test_a_charge_answers_the_intent_as_stripe_does(api: Api) -> None:
    answer = api.charge()
    intent = answer.body
    assert answer.status == 200
    assert intent["id"].startswith("pi_")
    assert intent["object"] == "payment_intent"
    assert (intent["status"], intent["amount"], intent["amount_received"]) == ("succeeded", 5025, 5025)
    assert (intent["currency"], intent["metadata"]) == ("usd", {"reference": "order-1"})
    assert api.get(f"/v1/payment_intents/{intent['id']}").body == intent


def test_a_declined_card_answers_the_error_with_the_intent_in_it(api: Api) -> None:
    answer = api.charge(payment_method="pm_card_chargeDeclinedInsufficientFunds")
    error = answer.body["error"]
    assert answer.status == 402
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert error["decline_code"] == "insufficient_funds"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_intent"]["last_payment_error"]["decline_code"] == "insufficient_funds"


@pytest.mark.parametrize("method", ["pm_card_visa", "pm_card_chargeDeclined"])
def test_the_same_key_gives_the_first_answer_again_also_when_it_was_no(api: Api, method: str) -> None:
    first, second = (api.charge(payment_method=method) for _ in range(2))
    assert (second.status, second.body) == (first.status, first.body)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert api.outcomes("order-1") == ["charged" if first.status == 200 else "declined", "replayed"]


def test_the_same_key_with_other_parameters_is_refused(api: Api) -> None:
    api.charge()
    answer = api.charge(amount="5026")
    assert (answer.status, answer.body["error"]["type"]) == (400, "idempotency_error")
    assert api.outcomes("order-1") == ["charged", "key_reused"]


def test_the_same_key_while_the_first_call_is_under_way_is_a_conflict(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile: list[Answer] = []

    def ask_again(_: float) -> None:
        meanwhile.append(api.charge(payment_method="pm_test_slow"))

    monkeypatch.setattr("time.sleep", ask_again)
    assert api.charge(payment_method="pm_test_slow").status == 200
    assert [(answer.status, answer.body["error"]["type"]) for answer in meanwhile] == [
        (409, "idempotency_error")
    ]
    assert sorted(api.outcomes("order-1")) == ["charged", "in_flight"]


def test_calls_without_a_key_are_calls_of_their_own(api: Api) -> None:
    assert api.charge(key=None).body["id"] != api.charge(key=None).body["id"]


def test_a_crash_after_the_charge_does_not_charge_again(api: Api) -> None:
    first = api.charge()
    keys = boto3.client("dynamodb")
    for item in keys.scan(TableName="IdempotencyTable")["Items"]:
        keys.delete_item(TableName="IdempotencyTable", Key={"id": item["id"]})
    assert api.charge().body == first.body
    assert api.outcomes("order-1") == ["charged", "replayed"]


def test_errors_on_purpose_are_not_remembered(api: Api) -> None:
    statuses = [api.charge(payment_method="pm_test_error_twice").status for _ in range(4)]
    assert statuses == [500, 500, 200, 200]
    assert api.outcomes("order-1") == ["error", "error", "charged", "replayed"]


def test_a_lost_answer_says_nothing_and_is_there_when_asked_again(api: Api) -> None:
    lost = api.charge(payment_method="pm_test_answer_lost")
    assert (lost.status, lost.body) == (502, None)
    assert api.charge(payment_method="pm_test_answer_lost").body["status"] == "succeeded"
    assert api.outcomes("order-1") == ["charged", "replayed"]


def test_refunds_are_answered_as_stripe_does_and_end_when_all_is_back(api: Api) -> None:
    intent = api.charge().body["id"]
    part = api.refund("r-1", payment_intent=intent, amount="25").body
    assert (part["object"], part["status"], part["amount"]) == ("refund", "succeeded", 25)
    assert api.refund("r-2", payment_intent=intent).body["amount"] == 5000
    again = api.refund("r-3", payment_intent=intent)
    assert (again.status, again.body["error"]["code"]) == (400, "charge_already_refunded")
    assert api.outcomes("order-1") == ["charged", "refunded", "refunded"]


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"amount": "0"}, "parameter_invalid", "amount"),
        ({"amount": "50.25"}, "parameter_invalid", "amount"),
        ({"currency": "dollars"}, "parameter_invalid", "currency"),
        ({"confirm": "false"}, "parameter_invalid", "confirm"),
        ({"payment_method": "pm_of_nobody"}, "resource_missing", "payment_method"),
    ],
)
def test_an_invalid_charge_is_refused_by_its_parameter(
    api: Api, form: dict[str, str], code: str, param: str
) -> None:
    answer = api.charge(**form)
    error = answer.body["error"]
    assert (answer.status, error["type"]) == (400, "invalid_request_error")
    assert (error["code"], error["param"]) == (code, param)
    assert api.outcomes("order-1") == ["invalid"]


def test_a_charge_without_a_required_parameter_is_refused_by_its_name(api: Api) -> None:
    error = api.post("/v1/payment_intents", {"amount": "5025"}).body["error"]
    assert (error["code"], error["param"]) == ("parameter_missing", "currency")


def test_what_is_not_there_is_not_found(api: Api) -> None:
    assert api.get("/v1/payment_intents/pi_none").status == 404
    assert api.refund(payment_intent="pi_none").body["error"]["code"] == "resource_missing"


def test_a_call_with_another_secret_is_refused_and_logged(api: Api) -> None:
    api.secret = "sk_guessed"
    answer = api.charge()
    assert (answer.status, answer.body["error"]["type"]) == (401, "invalid_request_error")
    assert api.outcomes("order-1") == ["unauthorized"]


def test_a_rotated_secret_is_known_at_once(api: Api) -> None:
    api.charge()
    boto3.client("secretsmanager").put_secret_value(SecretId=api.secret_arn, SecretString="sk_new")
    api.secret = "sk_new"
    assert api.charge("key-2").status == 200
