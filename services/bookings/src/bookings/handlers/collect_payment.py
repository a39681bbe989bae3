"""The saga's step Collect Payment: the booking waits for its payment, and keeps the task token."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from bookings import bootstrap
from bookings.handlers.saga_task import SagaTask
from bookings.use_cases.saga import collect_payment
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import observed


class CollectPayment(SagaTask):
    task_token: str


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> None:
    task = CollectPayment.read(event)
    collect_payment(
        task.cause,
        task.task_token,
        bookings=bootstrap.bookings(),
        waiting=bootstrap.waiting_saga(),
        clock=utc_now,
    )
