"""What the steps of ReconcilePayments have in common: each answer is the next step's input."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel

from jetbridge.kernel.clock import to_iso, utc_now
from jetbridge.runtime.observability import count
from payments.use_cases.reconciling import RESTED, Reconciled

_DAYS = timedelta(days=3)  # each night; so a charge in doubt is judged twice


class Step(BaseModel):
    """The first one may be empty: then it is about the last three days."""

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    checked: int = 0
    different: int = 0
    healed: int = 0
    differences: tuple[dict[str, Any], ...] = ()
    cursor: str | None = None

    def to_reconciled(self) -> Reconciled:
        until = self.until or utc_now() - RESTED
        values = self.model_dump() | {"until": until, "since": self.since or until - _DAYS}
        return Reconciled(**values)


def take(event: dict[str, Any], compare: Callable[[Reconciled], Reconciled]) -> dict[str, Any]:
    so_far = Step.model_validate(event).to_reconciled()
    done = compare(so_far)
    count("PaymentsReconciled", done.checked - so_far.checked)
    return {
        "since": to_iso(done.since),
        "until": to_iso(done.until),
        "checked": done.checked,
        "different": done.different,
        "healed": done.healed,
        "differences": list(done.differences),
        "cursor": done.cursor,
    }
