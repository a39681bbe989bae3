"""The end of every undoing, Settle Booking: what it could not do is written down, or that it did all."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.saga import settle_booking
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import count, observed


class Failure(BaseModel):
    """Of a task, as Step Functions tells it; the cause stays there."""

    error: str = Field(alias="Error")


class SettleBooking(SagaTask):
    missing: dict[str, Failure]


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    task = SettleBooking.read(event)
    missing = {name: failure.error for name, failure in task.missing.items()}
    booking = settle_booking(task.cause, missing, bookings=bootstrap.bookings(), clock=utc_now)
    if booking.unsettled:
        count("BookingsUnsettled")
