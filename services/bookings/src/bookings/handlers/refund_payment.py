"""The saga's compensation Refund Payment: whatever was or may yet be taken goes back."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.saga import refund_payment
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    refund_payment(SagaTask.read(event).cause, bookings=bootstrap.bookings(), clock=utc_now)
