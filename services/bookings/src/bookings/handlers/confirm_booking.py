"""The saga's step Confirm Booking: seats taken and paid for."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.saga import confirm_booking
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import count, observed


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    confirm_booking(SagaTask.read(event).cause, bookings=bootstrap.bookings(), clock=utc_now)
    count("BookingsConfirmed")
