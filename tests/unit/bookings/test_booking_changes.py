"""A change of a booking is at most one event, always with the same id, and never with the task token."""

import json
from collections.abc import Callable

import pytest

from bookings.adapters.bookings import row_of
from bookings.domain.bookings import Booking, BookingStatus, Step
from bookings.domain.payments import Payment
from bookings.handlers.booking_changes import handler
from jetbridge.kernel.money import Money
from tests.fakes.bookings import booking
from tests.fakes.clock import MORNING
from tests.lambda_events import context, stream_record

STEP = Step("Step", "done", MORNING, "cause-1")

type Transition = Callable[[Booking], Booking]

CONFIRMING: list[tuple[Transition, str | None]] = [
    (lambda it: it.reserve(STEP), None),
    (lambda it: it.await_payment("secret-token", STEP), "BookingAwaitingPayment"),
    (lambda it: it.await_payment("other-secret-token", STEP), None),
    (lambda it: it.hear_payment(Payment.CAPTURED, STEP), None),
    (lambda it: it.confirm(STEP), "BookingConfirmed"),
]
FAILING: list[tuple[Transition, str | None]] = [
    *CONFIRMING[:2],
    (lambda it: it.request_refund(STEP), "BookingRefundRequested"),
    (lambda it: it.undo("payment_timeout", STEP), "BookingFailed"),
    (lambda it: it.hear_payment(Payment.VOIDED, STEP), None),
]
CANCELLING: list[tuple[Transition, str | None]] = [
    *CONFIRMING,
    (lambda it: it.ask_cancellation(it.total, STEP), None),
    (lambda it: it.request_refund(STEP), "BookingRefundRequested"),
    (lambda it: it.undo("cancelled", STEP), "BookingCancelled"),
    (lambda it: it.hear_payment(Payment.REFUNDED, STEP), None),
]


def told(*records: object) -> list[dict[str, dict[str, object]]]:
    answer: list[dict[str, dict[str, object]]] = handler(list(records), context())
    return answer


@pytest.mark.parametrize("life", [CONFIRMING, FAILING, CANCELLING], ids=["confirmed", "failed", "cancelled"])
def test_every_change_is_the_event_that_it_should_be(life: list[tuple[Transition, str | None]]) -> None:
    before = booking()
    ids = set()
    for transition, expected in life:
        after = transition(before)
        record = stream_record(row_of(before), row_of(after))
        events = told(record)
        assert [event["metadata"]["type"] for event in events] == [expected] * bool(expected)
        assert told(record, record) == events * 2
        assert "secret-token" not in json.dumps(events)
        ids |= {event["metadata"]["event_id"] for event in events}
        before = after
    assert len(ids) == sum(expected is not None for _, expected in life)


def test_the_events_carry_what_their_readers_need() -> None:
    asked = booking().reserve(STEP).await_payment("token-1", STEP)
    [event] = told(stream_record(row_of(booking().reserve(STEP)), row_of(asked)))
    assert event["data"] == {
        "booking_id": "booking-1",
        "customer_id": "customer-1",
        "total": {"amount": "100.50", "currency": "USD"},
        "payment_method": "pm_card_visa",
    }
    assert event["metadata"] | {"event_id": ""} == {
        "event_id": "",
        "type": "BookingAwaitingPayment",
        "version": "1.0",
        "occurred_at": "2026-11-21T09:30:00.000000Z",
        "correlation_id": "correlation-1",
        "causation_id": "cause-1",
    }


def test_a_failed_booking_tells_why() -> None:
    [event] = told(stream_record(row_of(booking()), row_of(booking().undo("no_seats", STEP))))
    assert event["data"]["reason"] == "no_seats"
    assert event["data"]["flight_id"] == "JB101"


def test_a_new_and_a_removed_booking_tell_nothing() -> None:
    assert told(stream_record(None, row_of(booking())), stream_record(row_of(booking()), None)) == []


@pytest.mark.parametrize(
    ("due", "refund"), [(10050, None), (5025, {"amount": "50.25", "currency": "USD"}), (0, "no event")]
)
def test_a_part_that_goes_back_is_named_all_of_it_is_not_and_nothing_is_not_asked_for(
    due: int, refund: object
) -> None:
    confirmed = booking(status=BookingStatus.CONFIRMED, payment=Payment.CAPTURED)
    before = confirmed.ask_cancellation(Money(due, "USD"), STEP)
    after = before.request_refund(STEP)
    if refund == "no event":
        assert after is before
        return
    [event] = told(stream_record(row_of(before), row_of(after)))
    assert event["data"]["total"] == {"amount": "100.50", "currency": "USD"}
    assert event["data"].get("refund") == refund
    assert after.kept == Money(10050 - due, "USD")
