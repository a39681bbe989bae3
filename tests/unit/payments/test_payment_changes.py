"""What a change of a payment tells."""

import pytest

from jetbridge.contracts.payments import PaymentEvent
from jetbridge.kernel.ids import event_id
from jetbridge.runtime.streams import change_of
from payments.adapters.dynamodb import row_of
from payments.domain import Payment, PaymentStatus
from payments.handlers.payment_changes import event_of
from tests.fakes.payments import NOON, request
from tests.lambda_events import stream_record

REQUESTED = Payment.begun(request(), PaymentStatus.REQUESTED, NOON)
CAPTURED = REQUESTED.capture("pi_1", NOON)
WANTED_BACK = REQUESTED.want_back("cause-2", NOON)
CAPTURED_BUT_WANTED_BACK = WANTED_BACK.capture("pi_1", NOON)
TOTAL = {"amount": "50.25", "currency": "USD"}


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
            {"total": TOTAL},
        ),
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
        (CAPTURED, CAPTURED.want_back("cause-2", NOON)),
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


def test_a_deleted_payment_tells_nothing() -> None:
    assert event_of(change_of(stream_record(row_of(CAPTURED), None))) is None
