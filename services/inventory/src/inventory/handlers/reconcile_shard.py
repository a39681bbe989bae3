"""A step of the state machine ReconcileStock: some levels of a shard against their ledger."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from inventory import bootstrap
from inventory.use_cases.reconciling import Reconciled, reconcile
from jetbridge.runtime.observability import count, observed


class Step(BaseModel):
    shard: int
    checked: int = 0
    different: int = 0
    differences: tuple[dict[str, Any], ...] = ()
    cursor: str | None = None


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """The answer is the input of the next step, until it has no cursor."""
    step = Step.model_validate(event)
    done = reconcile(Reconciled(**step.model_dump()), ledger=bootstrap.ledger())
    count("LevelsReconciled", done.checked - step.checked)
    count("LevelsDifferent", done.different - step.different)
    return asdict(done)
