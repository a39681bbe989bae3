"""Cursors lead on from where a page ended, and whatever else is sent as one is refused."""

import base64
import json

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.runtime.cursors import InvalidCursor, starting_after, to_cursor
from jetbridge.runtime.dynamodb import to_item


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Query")


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1, max_size=4))
def test_a_cursor_leads_on_from_where_the_page_ended(key: dict[str, str]) -> None:
    with starting_after(to_cursor(to_item(key))) as start:
        assert start == {"ExclusiveStartKey": to_item(key)}


def test_the_last_page_has_no_cursor_and_the_first_needs_none() -> None:
    assert to_cursor(None) is None
    assert to_cursor({}) is None
    for cursor in (None, ""):
        with starting_after(cursor) as start:
            assert start == {}


@pytest.mark.parametrize(
    "text",
    [
        *("!", "x", "é", "[1]", '"a"', "7", '{"a": 0.5}', '{"a": 1}', '{"a": null}', r'{"a": "\ud800"}'),
        "[" * 5000,
        '{"a": ' + "[" * 2000 + "]" * 2000 + "}",
    ],
    ids=lambda text: text[:10],
)
def test_what_no_list_gave_is_refused(text: str) -> None:
    for cursor in (text, base64.urlsafe_b64encode(text.encode()).decode()):
        with pytest.raises(InvalidCursor), starting_after(cursor):
            pass


def test_a_cursor_of_another_list_is_refused_by_the_table() -> None:
    cursor = base64.urlsafe_b64encode(json.dumps({"order_id": "somebody else's"}).encode()).decode()
    with pytest.raises(InvalidCursor), starting_after(cursor):
        raise refused("ValidationException")


def test_a_fault_of_ours_is_not_blamed_on_the_client() -> None:
    with pytest.raises(ClientError), starting_after(None):
        raise refused("ValidationException")
    with pytest.raises(ClientError), starting_after(to_cursor(to_item({"a": "b"}))):
        raise refused("InternalServerError")
