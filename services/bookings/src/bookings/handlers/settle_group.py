"""What must not stand of a group is given up: its last step, and what follows when it was cut off."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

from bookings import bootstrap
from bookings.use_cases.groups import settle_group
from jetbridge.kernel.clock import utc_now
from jetbridge.runtime.observability import correlate, count, observed


class GroupTask(BaseModel):
    """From the state machine, or made of the status change of its execution, whose name is the group's id."""

    model_config = ConfigDict(frozen=True)

    group_id: str
    causation_id: str
    correlation_id: str


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, list[str]]:
    task = GroupTask.model_validate(event)
    correlate(task.correlation_id)
    given_up = settle_group(
        task.group_id,
        causation_id=task.causation_id,
        groups=bootstrap.groups(),
        bookings=bootstrap.bookings(),
        undoing=bootstrap.undoing(),
        clock=utc_now,
    )
    count("GroupBookingsGivenUp", len(given_up))
    return {"given_up": [booking.booking_id for booking in given_up]}
