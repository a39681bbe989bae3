"""The functions of the saga: what the state machine hands over in, the table out, refusals by name."""

from typing import Any

import boto3
import pytest

from bookings.adapters.bookings import DynamoBookings
from bookings.domain.bookings import BookingStatus
from bookings.domain.payments import Payment
from bookings.handlers import (
    cancel_booking,
    collect_payment,
    confirm_booking,
    payment_events,
    refund_payment,
    reserve_booking,
)
from bookings.settings import ConsumerSettings
from jetbridge.contracts.payments import (
    PaymentCaptured,
    PaymentDeclined,
    PaymentEvent,
    PaymentKind,
    PaymentRefunded,
)
from tests.fakes.bookings import FakeWaitingSaga, booking
from tests.lambda_events import context, failed, sqs, told

TASK = {"booking_id": "booking-1", "correlation_id": "correlation-1", "causation_id": "execution-1"}
TOTAL = {"amount": "100.50", "currency": "USD"}


def captured(reference: str = "booking-1") -> PaymentEvent:
    return PaymentCaptured.model_validate(
        {"reference": reference, "kind": PaymentKind.BOOKING, "total": TOTAL}
    )


def declined() -> PaymentEvent:
    return PaymentDeclined(reference="booking-1", kind=PaymentKind.BOOKING, reason="insufficient_funds")


def refunded() -> PaymentEvent:
    return PaymentRefunded.model_validate({"reference": "booking-1", "kind": "booking", "total": TOTAL})


def deliver(*events: PaymentEvent | str) -> list[int]:
    """The positions of the events that come back. Each booking is a message group."""
    bodies = [event if isinstance(event, str) else told(event).to_wire() for event in events]
    groups = tuple(event if isinstance(event, str) else event.reference for event in events)
    batch = sqs(*bodies, queue="payments.fifo", groups=groups)
    return failed(payment_events.handler(batch, context()), batch)


def reserve_and_collect() -> None:
    reserve_booking.handler(TASK, context())
    collect_payment.handler(TASK | {"task_token": "token-1"}, context())


def status_of(bookings: DynamoBookings) -> BookingStatus:
    found = bookings.get("booking-1")
    assert found is not None
    return found.status


def test_the_saga_takes_a_booking_to_confirmed(bookings: DynamoBookings, waiting: FakeWaitingSaga) -> None:
    bookings.add(booking())
    reserve_and_collect()
    assert status_of(bookings) is BookingStatus.AWAITING_PAYMENT
    assert deliver(captured()) == []
    assert waiting.told == [("token-1", "resumed")]
    confirm_booking.handler(TASK, context())
    assert status_of(bookings) is BookingStatus.CONFIRMED


def test_a_declined_payment_is_told_to_the_saga(bookings: DynamoBookings, waiting: FakeWaitingSaga) -> None:
    bookings.add(booking())
    reserve_and_collect()
    assert deliver(declined()) == []
    assert waiting.told == [("token-1", "declined: insufficient_funds")]
    cancel_booking.handler(TASK | {"reason": "payment_declined"}, context())
    assert status_of(bookings) is BookingStatus.FAILED


def test_a_refund_is_followed_to_its_end(bookings: DynamoBookings, waiting: FakeWaitingSaga) -> None:
    bookings.add(booking())
    reserve_and_collect()
    refund_payment.handler(TASK, context())
    cancel_booking.handler(TASK | {"reason": "payment_timeout"}, context())
    assert deliver(captured(), refunded(), captured()) == []
    found = bookings.get("booking-1")
    assert found is not None
    assert (found.status, found.payment) == (BookingStatus.FAILED, Payment.REFUNDED)
    assert waiting.told == []


def test_an_event_of_an_unknown_booking_comes_back_and_holds_up_no_other(
    bookings: DynamoBookings, waiting: FakeWaitingSaga
) -> None:
    bookings.add(booking())
    reserve_and_collect()
    assert deliver(captured("nobody's"), captured()) == [0]
    assert waiting.told == [("token-1", "resumed")]


def test_what_cannot_be_read_goes_to_the_dead_letters_at_once() -> None:
    assert deliver("rubbish") == []
    url = ConsumerSettings.from_env().dead_letters_url
    [letter] = boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert letter["Body"] == "rubbish"


def test_a_saga_that_cannot_be_told_gets_its_event_again(
    bookings: DynamoBookings, waiting: FakeWaitingSaga
) -> None:
    bookings.add(booking())
    reserve_and_collect()
    waiting.faults = 1
    assert deliver(captured()) == [0]
    assert deliver(captured()) == []
    assert waiting.told == [("token-1", "resumed")]


@pytest.mark.parametrize("handler", [reserve_booking.handler, confirm_booking.handler])
def test_a_refusal_has_the_name_that_the_state_machine_knows(bookings: DynamoBookings, handler: Any) -> None:
    bookings.add(booking())
    cancel_booking.handler(TASK | {"reason": "fault"}, context())
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the name is what counts
        handler(TASK, context())
    assert type(raised.value).__name__ == "BookingIsOver"


def test_a_task_that_cannot_be_read_has_the_name_that_the_state_machine_knows() -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the name is what counts
        reserve_booking.handler({}, context())
    assert type(raised.value).__name__ == "ValidationError"
