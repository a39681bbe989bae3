"""The schedule's tick: what never began of a booking is begun; at the second time the booking is undone."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.use_cases.pending import Ways, pursue_pending
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.deadlines import time_left
from jetbridge.runtime.observability import count, logger, observed


@observed
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    settings = bootstrap.pending_settings()
    pursued = pursue_pending(
        moment=utc_now(),
        limit=settings.pending_limit,
        going_on=time_left(context),
        bookings=bootstrap.bookings(),
        ways=Ways(bootstrap.groups(), bootstrap.saga(), bootstrap.group_saga(), bootstrap.undoing()),
    )
    count("BookingsPendingTooLong", len(pursued))
    for booking in pursued:
        told = {"booking_id": booking.booking_id, "correlation_id": booking.correlation_id}
        logger.warning("booking pending for too long", extra=told)
