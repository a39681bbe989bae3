"""The saga's step Reserve Booking: the seats are taken, the booking becomes RESERVED."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.saga import reserve_booking
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    reserve_booking(SagaTask.read(event).cause, bookings=bootstrap.bookings(), clock=utc_now)
