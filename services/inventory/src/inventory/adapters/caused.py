"""What every item carries that somebody caused: why, by whom, when."""

from datetime import datetime
from typing import Any

from inventory.domain.levels import Cause
from jetbridge.kernel.clock import to_iso
from jetbridge.runtime.dynamodb import Row


class Caused(Row):
    reference: str
    correlation_id: str
    causation_id: str
    changed_at: datetime

    def to_cause(self) -> Cause:
        return Cause(self.reference, self.correlation_id, self.causation_id, self.changed_at)


def cause_values(cause: Cause) -> dict[str, Any]:
    return {
        "reference": cause.reference,
        "correlation_id": cause.correlation_id,
        "causation_id": cause.causation_id,
        "changed_at": to_iso(cause.at),
    }
