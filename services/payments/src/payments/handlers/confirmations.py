"""OrderConfirmed and BookingConfirmed: what a payment is for, noted for the nightly reconciliation."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.contracts.bookings import BookingConfirmed
from jetbridge.contracts.envelope import Envelope
from jetbridge.contracts.orders import OrderConfirmed
from jetbridge.runtime.observability import logger, observed
from jetbridge.runtime.queues import consume_events
from payments import bootstrap
from payments.use_cases.payments import note_confirmation


def note(event: Envelope[Any]) -> None:
    """One without its payment, or of another amount, fails: it becomes a dead letter for people."""
    match event.data:
        case OrderConfirmed(order_id=reference) | BookingConfirmed(booking_id=reference):
            amount, at = event.data.total.to_money(), event.metadata.occurred_at
            note_confirmation(reference, amount, at, payments=bootstrap.payments())
            logger.info("confirmation noted", reference=reference)


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return consume_events(event, context, note, dead_letters=bootstrap.dead_letters())
