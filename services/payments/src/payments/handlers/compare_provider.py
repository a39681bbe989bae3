"""A step of the state machine ReconcilePayments: some of the provider's charges against our payments."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jetbridge.runtime.observability import observed
from payments import bootstrap
from payments.handlers.steps import take


@observed
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """The answer is the input of the next step, until it has no cursor."""
    return take(event, bootstrap.reconciliation().compare_provider)
