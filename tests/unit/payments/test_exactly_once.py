"""Whatever is duplicated, reordered, run at once, cut off or lost: one charge at most, money back once."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jetbridge.kernel.money import Money
from jetbridge.runtime.streams import Change
from payments.adapters.dynamodb import row_of
from payments.domain.moves import MOVES, PaymentStatus
from payments.domain.payments import Payment, PaymentRequest
from payments.handlers.payment_changes import event_of
from payments.use_cases import charge_payment, refund_payment
from tests.fakes.payments import (
    NOON,
    CarelessPayments,
    FakeProvider,
    ForgetfulProvider,
    InMemoryPayments,
    request,
)
from tests.unit.payments.interleaving import Delivery, Stepwise, stop

AT_ONCE = 3
PATIENCE = 150  # steps that the test chooses; after them everything goes on in turn and nothing fails

REFUNDS = [
    request(causation_id="all"),
    request(causation_id="some", part=Money(1000, "USD")),
    request(causation_id="more", part=Money(2000, "USD")),
]

Message = Callable[[], object]


def deliver_all(messages: list[Message], data: st.DataObject, failures: int) -> None:
    """Deliver each message until it succeeds, up to three at once, as Hypothesis chooses."""
    waiting, running = list(messages), list[Delivery]()
    origin: dict[Delivery, Message] = {}
    for chosen in _choices(data):
        while waiting and len(running) < AT_ONCE:
            message = waiting.pop(0)
            delivery = Delivery(message)
            running.append(delivery)
            origin[delivery] = message
        if not running:
            return
        delivery = running[chosen % len(running)]
        fail = failures > 0 and chosen >= AT_ONCE * AT_ONCE
        failures -= fail
        delivery.advance(fail=fail)
        if delivery.ended:
            running.remove(delivery)
            waiting += [origin[delivery]] if delivery.failed else []


def _choices(data: st.DataObject) -> Iterator[int]:
    """Numbers that choose a delivery; one in four of them says that it fails."""
    for _ in range(PATIENCE):
        yield data.draw(st.integers(0, AT_ONCE * AT_ONCE + 2))
    while True:
        yield 0


def play(data: st.DataObject, payments: InMemoryPayments, provider: FakeProvider) -> None:
    ports = {"payments": Stepwise(payments), "provider": Stepwise(provider)}
    provider.during = stop
    charges = data.draw(st.integers(0, 3), "charges")
    some = st.lists(st.sampled_from(REFUNDS), min_size=0 if charges else 1, max_size=3)
    refunds = data.draw(some, "refunds")
    messages: list[Message] = [lambda: charge_payment(request(), clock=lambda: NOON, **ports)] * charges
    messages += [partial(refund_payment, asked, clock=lambda: NOON, **ports) for asked in refunds]
    order = data.draw(st.permutations(messages), "order")
    deliver_all(list(order), data, failures=data.draw(st.integers(0, 8), "failures"))
    _check_money(provider, payments.get("order-1"), refunds)
    _check_moves(payments.written)
    _check_events(payments.written)


def _check_money(provider: FakeProvider, payment: Payment, refunds: list[PaymentRequest]) -> None:
    charged = provider.log.count("charged")
    assert charged <= 1
    due = _due(refunds) if charged else 0
    assert sum(provider.refunded) == payment.refunded == due
    assert len(provider.refunded) <= len({asked.causation_id for asked in refunds})
    ends = {0: "CAPTURED", 5025: "REFUNDED"}
    assert payment.status in ({ends.get(due, "PARTLY_REFUNDED")} if charged else {"VOIDED", "DECLINED"})
    assert payment.captured == charged * payment.amount.minor
    if payment.status is PaymentStatus.VOIDED:
        assert provider.asked == []


def _due(refunds: list[PaymentRequest]) -> int:
    """All, if somebody asked for all; else each part once, however often it was asked for."""
    parts = {asked.causation_id: asked.part.minor for asked in refunds if asked.part}
    return sum(parts.values()) if all(asked.part for asked in refunds) else 5025


def _check_moves(written: list[Payment]) -> None:
    assert [payment.version for payment in written] == list(range(1, len(written) + 1))
    for before, after in pairwise(written):
        assert after.status in MOVES[before.status]
        assert 0 <= after.refunded <= after.captured <= after.amount.minor


def _check_events(written: list[Payment]) -> None:
    rows = [row_of(payment) for payment in written]
    changes = [Change(old=old, new=new, at=NOON) for old, new in zip([None, *rows], rows, strict=False)]
    told = [event.metadata.type for change in changes if (event := event_of(change))]
    assert told in (
        ["PaymentCaptured"],
        *(["PaymentCaptured", *["PaymentRefunded"] * times] for times in (1, 2, 3)),
        ["PaymentDeclined"],
        ["PaymentVoided"],
    )


_thorough = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_thorough
@given(st.data(), st.booleans())
def test_money_moves_exactly_once_whatever_happens(data: st.DataObject, declined: bool) -> None:
    play(data, InMemoryPayments(), FakeProvider(declines="generic_decline" if declined else None))


@pytest.mark.parametrize(
    ("payments", "provider"),
    [(InMemoryPayments, ForgetfulProvider), (CarelessPayments, FakeProvider)],
    ids=["a provider without keys", "writes without conditions"],
)
def test_the_property_finds_a_planted_bug(
    payments: type[InMemoryPayments], provider: type[FakeProvider]
) -> None:
    @settings(_thorough, max_examples=1000, phases=[Phase.generate], report_multiple_bugs=False)
    @given(st.data())
    def play_with_bug(data: st.DataObject) -> None:
        play(data, payments(), provider())

    with pytest.raises(AssertionError):
        play_with_bug()
