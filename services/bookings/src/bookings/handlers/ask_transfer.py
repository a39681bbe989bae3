"""What the saga's step Reserve Transfer asks again and again: how does the transfer stand?"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.transfers import ask_transfer
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, str]:
    transfer = ask_transfer(
        SagaTask.read(event).cause,
        bookings=bootstrap.bookings(),
        partner=bootstrap.transfer_partner(),
        clock=utc_now,
    )
    return {"status": transfer}
