"""The saga's compensation Cancel Booking: the booking becomes FAILED, or CANCELLED by its passenger."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.saga import cancel_booking
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import count, observed


class CancelBooking(SagaTask):
    reason: str


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    task = CancelBooking.read(event)
    booking = cancel_booking(task.cause, reason=task.reason, bookings=bootstrap.bookings(), clock=utc_now)
    count(f"Bookings{booking.status.title()}")
    if booking.reason == "fault":
        count("BookingsFailedByFault")
