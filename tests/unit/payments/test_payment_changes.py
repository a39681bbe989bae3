"""What a change of a payment tells."""

import pytest

from jetbridge.contracts.payments import PaymentEvent
from jetbridge.kernel.ids import event_id
from jetbridge.runtime.streams import change_of
from payments.adapters.dynamodb import row_of
from payments.domain.moves import PaymentStatus
from payments.domain.payments import Payment
from payments.handlers.payment_changes import event_of
from tests.fakes.payments import NOON, request, wanted_back
from tests.lambda_events import stream_record

REQUESTED = Payment.begun(request(), PaymentStatus.REQUESTED, NOON)
CAPTURED = REQUESTED.capture("pi_1", NOON)
WANTED_BACK = wanted_back(REQUESTED)
CAPTURED_BUT_WANTED_BACK = WANTED_BACK.capture("pi_1", NOON)
PARTLY = wanted_back(CAPTURED, minor=25)
REST = wanted_back(PARTLY.give_back(NOON), "cause-3")


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


TOTAL = usd("50.25")


def told(before: Payment | None, after: Payment) -> PaymentEvent | None:
    event = event_of(change_of(stream_record(row_of(before) if before else None, row_of(after))))
    return event.data if event else None


@pytest.mark.parametrize(
    ("before", "after", "name", "more"),
    [
        (REQUESTED, CAPTURED, "PaymentCaptured", {"total": TOTAL}),
        (WANTED_BACK, CAPTURED_BUT_WANTED_BACK, "PaymentCaptured", {"total": TOTAL}),
        (REQUESTED, REQUESTED.decline("lost", NOON), "PaymentDeclined", {"reason": "lost"}),
        (WANTED_BACK, WANTED_BACK.decline("lost", NOON), "PaymentDeclined", {"reason": "lost"}),
        (
            CAPTURED_BUT_WANTED_BACK,
            CAPTURED_BUT_WANTED_BACK.give_back(NOON),
            "PaymentRefunded",
            {"total": TOTAL, "amount": TOTAL},
        ),
        (PARTLY, PARTLY.give_back(NOON), "PaymentRefunded", {"total": usd("0.25"), "amount": usd("0.25")}),
        (REST, REST.give_back(NOON), "PaymentRefunded", {"total": TOTAL, "amount": usd("50.00")}),
        (None, Payment.begun(request(), PaymentStatus.VOIDED, NOON), "PaymentVoided", {}),
    ],
)
def test_a_change_is_told_as(
    before: Payment | None, after: Payment, name: str, more: dict[str, object]
) -> None:
    data = told(before, after)
    assert type(data).__name__ == name
    assert data is not None
    assert data.model_dump(mode="json") == {"reference": "order-1", "kind": "order", **more}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, REQUESTED),
        (REQUESTED, WANTED_BACK),
        (CAPTURED, wanted_back(CAPTURED)),
        (CAPTURED, CAPTURED),
    ],
)
def test_what_is_only_asked_for_is_not_told(before: Payment | None, after: Payment) -> None:
    assert told(before, after) is None


def test_an_event_is_named_by_reference_and_version_and_says_what_led_to_it() -> None:
    event = event_of(change_of(stream_record(row_of(REQUESTED), row_of(CAPTURED))))
    assert event is not None
    assert event.metadata.event_id == event_id("jetbridge.payments", "order-1", 2)
    assert (event.metadata.correlation_id, event.metadata.causation_id) == ("correlation-1", "cause-1")
    assert event.metadata.occurred_at == NOON


def test_each_refund_is_told_because_of_what_asked_for_it() -> None:
    both = wanted_back(PARTLY, "cause-3")
    first = both.give_back(NOON)
    for before, after, cause in ((both, first, "cause-2"), (first, first.give_back(NOON), "cause-3")):
        event = event_of(change_of(stream_record(row_of(before), row_of(after))))
        assert event is not None
        assert event.metadata.causation_id == cause


def test_a_deleted_payment_tells_nothing() -> None:
    assert event_of(change_of(stream_record(row_of(CAPTURED), None))) is None
