"""Ids that are the same for the same thing, times that sort as text, refusals with stable codes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.kernel.clock import to_iso, utc_now
from jetbridge.kernel.errors import ConcurrentUpdate, DomainError, Forbidden, NotFound
from jetbridge.kernel.ids import event_id, random_id, stable_id

PARTS = st.lists(st.text(max_size=12), max_size=4)
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("1970-01-02"),
    max_value=datetime.fromisoformat("9998-01-01"),
    timezones=st.timezones(),
)


@given(PARTS, PARTS)
def test_ids_are_equal_exactly_when_their_parts_are(left: list[str], right: list[str]) -> None:
    assert (stable_id(*left) == stable_id(*right)) == (left == right)


def test_ids_never_change_between_releases() -> None:
    """What is stored and told under an id must be found again by the next version of the code."""
    assert stable_id("order", "customer", "key") == "f48d7d93-784d-5ef2-8c03-efca9636fa34"
    assert event_id("jetbridge.orders", "order-1", 1) == "89d17a12-25ae-58d6-9247-98a6d3dbab66"


@given(st.text(), st.integers(min_value=1), st.integers(min_value=1))
def test_each_version_of_an_entity_has_its_own_event_id(entity: str, one: int, other: int) -> None:
    ids = {event_id("jetbridge.orders", entity, version) for version in (one, other)}
    assert len(ids) == len({one, other})


def test_two_services_that_keep_the_same_reference_tell_different_events() -> None:
    assert event_id("jetbridge.orders", "order-1", 1) != event_id("jetbridge.payments", "order-1", 1)


def test_random_ids_differ() -> None:
    assert len({random_id() for _ in range(100)}) == 100


@given(MOMENTS)
def test_a_time_reads_back_as_the_same_moment(moment: datetime) -> None:
    assert datetime.fromisoformat(to_iso(moment)) == moment.astimezone(UTC)


@given(MOMENTS, MOMENTS)
def test_times_as_text_sort_by_time(one: datetime, other: datetime) -> None:
    assert (to_iso(one) < to_iso(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_times_are_told_in_utc() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=1)))
    assert to_iso(noon) == "2026-11-21T11:00:00.000000Z"
    assert utc_now().tzinfo is UTC


def test_a_time_without_zone_is_refused_rather_than_guessed() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_iso(datetime(2026, 11, 21))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("refusal", "code"), [(DomainError, "refused"), (NotFound, "not_found"), (Forbidden, "forbidden")]
)
def test_a_refusal_has_a_stable_code_and_says_what_it_is_about(refusal: type[DomainError], code: str) -> None:
    assert refusal.code == code
    assert refusal().detail == code
    assert refusal("order 7").detail == str(refusal("order 7")) == "order 7"


def test_a_conflict_is_not_a_refusal() -> None:
    assert not issubclass(ConcurrentUpdate, DomainError)
