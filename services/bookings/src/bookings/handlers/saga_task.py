"""What the state machine hands to the functions that are its steps."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from bookings.use_cases.saga import Cause
from jetbridge.runtime.observability import correlate


class SagaTask(BaseModel):
    """`causation_id` names the execution, `correlation_id` the request that began it all."""

    model_config = ConfigDict(frozen=True)

    booking_id: str
    causation_id: str
    correlation_id: str

    @classmethod
    def read(cls, event: dict[str, Any]) -> Self:
        task = cls.model_validate(event)
        correlate(task.correlation_id)
        return task

    @property
    def cause(self) -> Cause:
        return Cause(self.booking_id, self.causation_id)
