"""The saga's step Reserve Booking: the seats are taken, the booking becomes RESERVED."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.saga import reserve_booking
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed


class ReserveBooking(SagaTask):
    """`execution` is the saga's ARN, which the versions before 2026-11-21 did not send."""

    execution: str | None = None


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    task = ReserveBooking.read(event)
    reserve_booking(
        task.cause,
        bookings=bootstrap.bookings(),
        clock=utc_now,
        saga_version=bootstrap.versions().of(task.execution) if task.execution else None,
    )
