"""A step of the state machine ReconcileStock: some levels of a shard against their ledger."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from inventory import bootstrap
from inventory.use_cases.reconciling import Reconciled, reconcile
from jetbridge.runtime.deadlines import time_left
from jetbridge.runtime.observability import count, observed

HANDOVER = timedelta(seconds=90)  # before the function's time is over: a page of products that move all day


class Step(BaseModel):
    shard: int
    checked: int = 0
    different: int = 0
    differences: tuple[dict[str, Any], ...] = ()
    cursor: str | None = None


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The answer is the input of the next step, until it has no cursor."""
    step = Step.model_validate(event)
    going_on = time_left(context, beyond=HANDOVER)
    done = reconcile(Reconciled(**step.model_dump()), going_on=going_on, ledger=bootstrap.ledger())
    count("LevelsReconciled", done.checked - step.checked)
    count("LevelsDifferent", done.different - step.different)
    return asdict(done)
