"""The step Await Booking of a group: done once the booking has come to its end, a refusal before."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.groups import await_booking
from jetbridge.runtime.observability import observed


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    await_booking(SagaTask.read(event).cause.booking_id, bookings=bootstrap.bookings())
