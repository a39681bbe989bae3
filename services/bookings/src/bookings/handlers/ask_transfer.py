"""What the saga's step Reserve Transfer asks again and again: how does the transfer stand?"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.domain.transfers import Transfer
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.transfers import ask_transfer
from jetbridge.kernel.clock import utc_now
from jetbridge.kernel.errors import DomainError
from jetbridge.runtime.observability import observed


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, str]:
    """A refusal of ours is an answer, which ends the asking: it is the same the next time."""
    try:
        transfer = ask_transfer(
            SagaTask.read(event).cause,
            bookings=bootstrap.bookings(),
            partner=bootstrap.transfer_partner(),
            clock=utc_now,
        )
    except DomainError as refusal:
        return {"status": Transfer.FAILED, "reason": refusal.code}
    return {"status": transfer}
