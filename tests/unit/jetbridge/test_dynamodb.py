"""What DynamoDB's answers mean: values, conditions that did not hold, transactions that did nothing."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.kernel.errors import ConcurrentUpdate, DomainError
from jetbridge.runtime.dynamodb import (
    Cancelled,
    conditional,
    from_item,
    put_new,
    refused_as,
    to_item,
    transact,
)

PLAIN = st.recursive(
    st.text() | st.booleans() | st.integers(-(10**37), 10**37),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)


class DeskTaken(DomainError):
    code = "desk_taken"


def refusal(code: str, reasons: list[str] | None = None) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}}
    if reasons is not None:
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(answer, "Write")


class Refusing:
    def __init__(self, error: ClientError) -> None:
        self._error = error

    def transact_write_items(self, **_: Any) -> None:
        raise self._error


@given(st.dictionaries(st.text(min_size=1), PLAIN, max_size=4))
def test_plain_values_come_back_as_they_were_stored(values: dict[str, Any]) -> None:
    assert from_item(to_item(values)) == values


def test_none_is_not_stored_and_numbers_come_back_exact() -> None:
    assert from_item(to_item({"a": None, "b": Decimal("0.1")})) == {"b": Decimal("0.1")}


def test_a_float_is_never_stored() -> None:
    with pytest.raises(TypeError):
        to_item({"price": 0.1})


def test_a_condition_that_did_not_hold_is_the_refusal_that_it_stands_for() -> None:
    with pytest.raises(DeskTaken), refused_as(DeskTaken()):
        raise refusal("ConditionalCheckFailedException")
    with pytest.raises(ConcurrentUpdate), conditional("desk-1"):
        raise refusal("ConditionalCheckFailedException")


def test_an_item_in_a_transaction_of_others_is_a_conflict_and_no_refusal() -> None:
    with pytest.raises(ConcurrentUpdate), refused_as(DeskTaken()):
        raise refusal("TransactionConflictException")


def test_only_an_item_that_is_there_already_is_not_new() -> None:
    def client(code: str) -> Any:
        return SimpleNamespace(put_item=Mock(side_effect=refusal(code)))

    new = {"desk": "desk-1", "version": 1}
    assert not put_new(client("ConditionalCheckFailedException"), "Desks", new, "desk")
    with pytest.raises(ConcurrentUpdate):
        put_new(client("TransactionConflictException"), "Desks", new, "desk")


def test_an_outage_stays_an_outage() -> None:
    with pytest.raises(ClientError), conditional("desk-1"):
        raise refusal("ProvisionedThroughputExceededException")


@pytest.mark.parametrize(
    ("reasons", "refused"),
    [
        (["None", "ConditionalCheckFailed"], [False, True]),
        (["TransactionConflict", "None"], [False, False]),
    ],
)
def test_a_cancelled_transaction_says_which_condition_did_not_hold(
    reasons: list[str], refused: list[bool]
) -> None:
    client: Any = Refusing(refusal("TransactionCanceledException", reasons))
    with pytest.raises(Cancelled) as caught:
        transact(client, [])
    assert [caught.value.refused(position) for position in range(len(reasons))] == refused


@pytest.mark.parametrize("reasons", [["None", "ThrottlingError"], ["ValidationError"], [], None])
def test_a_transaction_that_failed_for_another_reason_is_a_fault(reasons: list[str] | None) -> None:
    client: Any = Refusing(refusal("TransactionCanceledException", reasons))
    with pytest.raises(ClientError):
        transact(client, [])
