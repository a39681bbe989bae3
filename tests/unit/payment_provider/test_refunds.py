"""What the stand-in gives back, and what not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetbridge.kernel.money import Money
from payment_provider.domain.cards import Broken, InvalidRequest
from tests.unit.payment_provider.stand_in import StandIn


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


def test_a_refund_gives_back_what_is_left_unless_it_says_how_much(stand_in: StandIn) -> None:
    intent = stand_in.charge("pm_card_visa")
    assert stand_in.refund(intent.id, 25, key="r-1") == 25
    assert stand_in.refund(intent.id, key="r-2") == 5000
    last = stand_in.ledger.log_book[-1]
    assert (last.outcome, last.reference, last.amount) == ("refunded", "order-1", Money(5000, "USD"))


def test_a_refund_asked_for_again_is_the_same_refund(stand_in: StandIn) -> None:
    intent = stand_in.charge("pm_card_visa")
    assert stand_in.refund(intent.id) == stand_in.refund(intent.id) == 5025
    assert stand_in.outcomes == ["charged", "refunded", "replayed"]


@pytest.mark.parametrize(
    ("method", "minor", "code"),
    [
        ("pm_card_visa", 5026, "amount_too_large"),
        ("pm_card_chargeDeclined", None, "payment_intent_unexpected_state"),
    ],
)
def test_a_refund_of_what_is_not_there_is_refused(
    stand_in: StandIn, method: str, minor: int | None, code: str
) -> None:
    intent = stand_in.charge(method)
    with pytest.raises(InvalidRequest) as refused:
        stand_in.refund(intent.id, minor)
    assert refused.value.stripe_code == code


def test_refunds_of_a_method_with_refund_errors_fail(stand_in: StandIn) -> None:
    intent = stand_in.charge("pm_test_refund_error")
    with pytest.raises(Broken):
        stand_in.refund(intent.id)
    assert stand_in.ledger.refunds == {}


@given(st.lists(st.integers(1, 6000), max_size=8))
def test_never_more_is_given_back_than_was_charged(amounts: list[int]) -> None:
    stand_in = StandIn()
    intent = stand_in.charge("pm_card_visa")
    for number, minor in enumerate(amounts):
        try:
            stand_in.refund(intent.id, minor, key=f"r-{number}")
        except InvalidRequest:
            continue
    given_back = sum(refund.amount.minor for refund in stand_in.ledger.refunds.values())
    assert given_back == stand_in.ledger.intents[intent.id].refunded <= 5025
