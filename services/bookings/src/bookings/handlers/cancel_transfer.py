"""The saga's compensation Cancel Transfer: none is or will be there."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.transfers import cancel_transfer
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    cancel_transfer(
        SagaTask.read(event).cause,
        bookings=bootstrap.bookings(),
        partner=bootstrap.transfer_partner(),
        clock=utc_now,
    )
