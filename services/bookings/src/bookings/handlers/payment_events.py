"""Payment events, from this service's own queue: written down, then told to the saga that waits for them."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.domain.payments import Payment
from bookings.use_cases.saga import Cause, hear_payment
from jetbridge.contracts.envelope import Envelope, EventData
from jetbridge.contracts.payments import PaymentCaptured, PaymentDeclined, PaymentRefunded, PaymentVoided
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import count, observed
from jetbridge.runtime.queues import consume_events

_PAYMENTS: dict[type[EventData], Payment] = {
    PaymentCaptured: Payment.CAPTURED,
    PaymentDeclined: Payment.DECLINED,
    PaymentRefunded: Payment.REFUNDED,
    PaymentVoided: Payment.VOIDED,
}


def record(event: Envelope[Any]) -> None:
    payment = _PAYMENTS[type(event.data)]
    hear_payment(
        Cause(event.data.reference, event.metadata.event_id),
        payment,
        getattr(event.data, "reason", ""),
        bookings=bootstrap.bookings(),
        waiting=bootstrap.waiting_saga(),
        clock=utc_now,
    )
    count(f"BookingPayments{payment.title()}")


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return consume_events(event, context, record, dead_letters=bootstrap.dead_letters())
