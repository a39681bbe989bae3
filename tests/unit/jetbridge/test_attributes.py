"""Values are written to DynamoDB and read back as boto3 does it."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.runtime.attributes import from_attribute, to_attribute

NUMBERS = st.integers(-(10**37), 10**37) | st.decimals(
    min_value=-(10**9), max_value=10**9, allow_nan=False, places=4
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_value_is_stored_as_boto3_stores_it(value: object) -> None:
    stored: Any = to_attribute(value)
    assert stored == TypeSerializer().serialize(value)
    assert from_attribute(stored) == TypeDeserializer().deserialize(stored) == value


def test_a_tuple_is_a_list_and_an_enumeration_its_text() -> None:
    class Kind(StrEnum):
        ONE = "one"

    assert to_attribute((Kind.ONE,)) == {"L": [{"S": "one"}]}


@pytest.mark.parametrize("value", [1.5, b"x", {"a"}, object(), Decimal("NaN"), Decimal("Infinity")])
def test_what_dynamodb_has_no_type_for_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_attribute(value)


def test_an_attribute_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="SS"):
        from_attribute({"SS": ["a"]})
