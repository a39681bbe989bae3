"""What the stand-in does, by payment method."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from payment_provider.domain.cards import METHODS, Broken, InvalidRequest, NoAnswer
from tests.unit.payment_provider.stand_in import CALL, StandIn


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.mark.parametrize(
    ("method", "decline"),
    [
        ("pm_card_visa", None),
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_card_is_charged_or_declined(stand_in: StandIn, method: str, decline: str | None) -> None:
    assert stand_in.charge(method).decline_code == decline
    assert stand_in.outcomes == ["declined" if decline else "charged"]


def test_a_method_that_fails_twice_works_the_third_time_for_each_key(stand_in: StandIn) -> None:
    for key in ("key-1", "key-2"):
        for _ in range(2):
            with pytest.raises(Broken):
                stand_in.charge("pm_test_error_twice", key)
            stand_in.ledger.log(replace(CALL, idempotency_key=key))  # as the handler logs it: an error
        assert stand_in.charge("pm_test_error_twice", key).decline_code is None
    assert stand_in.outcomes == ["error", "error", "charged"] * 2


def test_a_slow_method_answers_after_three_seconds(stand_in: StandIn) -> None:
    stand_in.charge("pm_test_slow")
    assert stand_in.slept == [3]


def test_a_hanging_method_charges_nothing_and_is_in_the_log_before_it_hangs(stand_in: StandIn) -> None:
    seen: list[list[str]] = []
    stand_in.slept = _Watching(lambda: seen.append(stand_in.outcomes))
    with pytest.raises(NoAnswer):
        stand_in.charge("pm_test_hang")
    assert seen == [["hung"]]
    assert stand_in.ledger.intents == {}


class _Watching(list[float]):
    def __init__(self, look: Callable[[], None]) -> None:
        super().__init__()
        self._look = look

    def append(self, seconds: float) -> None:
        self._look()


def test_a_lost_answer_is_given_when_it_is_asked_for_again(stand_in: StandIn) -> None:
    with pytest.raises(NoAnswer):
        stand_in.charge("pm_test_answer_lost")
    [intent] = stand_in.ledger.intents.values()
    assert stand_in.charge("pm_test_answer_lost") == intent
    assert stand_in.outcomes == ["charged", "replayed"]


def test_an_unknown_method_is_an_invalid_request_about_it(stand_in: StandIn) -> None:
    with pytest.raises(InvalidRequest) as refused:
        stand_in.charge("pm_of_nobody")
    assert (refused.value.stripe_code, refused.value.param) == ("resource_missing", "payment_method")


def test_every_method_can_be_asked_for(stand_in: StandIn) -> None:
    for method in METHODS:
        try:
            stand_in.charge(method, key=method)
        except (Broken, NoAnswer):
            continue
    charged = {intent.payment_method for intent in stand_in.ledger.intents.values()}
    assert charged == set(METHODS) - {"pm_test_error_twice", "pm_test_error_always", "pm_test_hang"}
