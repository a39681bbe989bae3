"""One request, one effect, one answer, against DynamoDB."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.event_handler import Response
from moto import mock_aws

from jetbridge.runtime import aws
from jetbridge.runtime.http import Body, answer
from jetbridge.runtime.idempotency import (
    REPLAYED,
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    Request,
    answer_once,
    key_of,
    store,
)
from jetbridge.runtime.problems import problem
from tests.integration.tables import make_table
from tests.lambda_events import CUSTOMER, OTHER_CUSTOMER, context


class Sold(Body):
    number: int


@dataclass
class Till:
    """Sells to whoever asks; every sale has the next number."""

    table: str
    sales: int = 0
    fault: Exception | None = None
    refusal: bool = False
    meanwhile: list[Response[str]] = field(default_factory=list)

    def sell(self) -> Response[str]:
        if self.fault:
            raise self.fault
        self.sales += 1
        if self.refusal:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "too_late", "The shop is closed.")
        return answer(HTTPStatus.ACCEPTED, Sold(number=self.sales), location=f"/sales/{self.sales}")

    def ask(
        self,
        key: str = "key-1",
        *,
        what: str = "sale",
        caller: str = CUSTOMER,
        wish: str = "desk",
        effect: Any = None,
    ) -> Any:
        return answer_once(
            Request(what, caller, key, {"wish": wish}),
            effect or self.sell,
            records=store(self.table, aws.client("dynamodb")),
            keep_seconds=60,
            context=context(),
        )


@pytest.fixture
def till() -> Iterator[Till]:
    with mock_aws():
        yield Till(make_table("orders", "IdempotencyTable"))


def test_the_same_request_gets_the_first_answer_again_byte_for_byte(till: Till) -> None:
    first, again = till.ask(), till.ask()
    assert till.sales == 1
    assert (again.status_code, again.body) == (first.status_code, first.body)
    assert REPLAYED not in first.headers
    assert again.headers == first.headers | {REPLAYED: "true"}


def test_a_refusal_is_replayed_too(till: Till) -> None:
    till.refusal = True
    first = till.ask()
    till.refusal = False
    again = till.ask()
    assert till.sales == 1
    assert (again.status_code, again.body) == (first.status_code, first.body)
    assert again.headers["Content-Type"] == "application/problem+json"
    assert again.headers[REPLAYED] == "true"


def test_another_request_with_the_same_key_is_unprocessable_and_has_no_effect(till: Till) -> None:
    till.ask(wish="desk")
    other = till.ask(wish="chair")
    assert other.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert json.loads(other.body)["code"] == "idempotency_key_reused"
    assert till.sales == 1


def test_two_callers_with_the_same_key_do_not_meet(till: Till) -> None:
    assert till.ask(caller=CUSTOMER).body != till.ask(caller=OTHER_CUSTOMER, wish="chair").body
    assert till.sales == 2


def test_a_key_is_the_same_in_every_function(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sell", "sell-many"):
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", name)
        till.ask()
    assert till.sales == 1


def test_a_key_for_one_thing_is_none_for_another(till: Till) -> None:
    till.ask(what="sale")
    till.ask(what="repair", wish="chair")
    assert till.sales == 2


def test_a_caller_and_a_key_do_not_run_into_each_other(till: Till) -> None:
    till.ask("2-key", caller="customer-1")
    till.ask("key", caller="customer-12-")
    assert till.sales == 2


def test_a_request_whose_first_try_still_runs_is_a_conflict(till: Till) -> None:
    def sell_while_asked_again() -> Response[str]:
        till.meanwhile.append(till.ask())
        return till.sell()

    first = till.ask(effect=sell_while_asked_again)
    assert first.status_code == HTTPStatus.ACCEPTED
    assert till.meanwhile[0].status_code == HTTPStatus.CONFLICT
    assert json.loads(str(till.meanwhile[0].body))["code"] == "request_in_progress"
    assert till.sales == 1


def test_a_fault_leaves_no_record_so_the_next_try_has_its_effect(till: Till) -> None:
    till.fault = RuntimeError("the till is broken")
    with pytest.raises(RuntimeError):
        till.ask()
    till.fault = None
    again = till.ask()
    assert (again.status_code, REPLAYED in again.headers) == (HTTPStatus.ACCEPTED, False)


def test_the_lock_of_an_invocation_that_died_ends_with_its_time(till: Till) -> None:
    """The record of a function that was killed stays in progress; only its expiry frees the key."""
    died = boto3.client("dynamodb")
    till.ask()
    (record,) = died.scan(TableName=till.table)["Items"]
    dead = {
        "id": record["id"],
        "validation": record["validation"],
        "status": {"S": "INPROGRESS"},
        "expiration": {"N": "4102444800"},
        "in_progress_expiration": {"N": "1"},
    }
    died.put_item(TableName=till.table, Item=dead)
    assert till.ask().status_code == HTTPStatus.ACCEPTED
    assert till.sales == 2


@pytest.mark.parametrize(
    ("header", "token", "key"),
    [
        ("k", None, "k"),
        (None, "k", "k"),
        ("k", "k", "k"),
        ('"k"', "k", "k"),
        ('"k"', None, "k"),
        ("  k ", None, "k"),
        ('"', None, '"'),
        ("x" * 255, None, "x" * 255),
    ],
)
def test_the_key_is_the_header_or_the_token(header: str | None, token: str | None, key: str) -> None:
    assert key_of(header, token) == key


@pytest.mark.parametrize(("header", "token"), [(None, None), ("", None), ("  ", ""), ('""', None)])
def test_a_request_without_a_key_is_refused(header: str | None, token: str | None) -> None:
    with pytest.raises(IdempotencyKeyMissing):
        key_of(header, token)


@pytest.mark.parametrize(
    ("header", "token"), [("a", "b"), ("x" * 256, None), ("a\x00", None), (None, "\ud800")]
)
def test_a_key_that_is_ambiguous_or_no_printable_text_is_refused(
    header: str | None, token: str | None
) -> None:
    with pytest.raises(IdempotencyKeyInvalid):
        key_of(header, token)
