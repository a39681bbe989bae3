"""Comparisons of the books, as executions of the state machine ReconcilePayments."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsReconciliations:
    def __init__(self, client: "SFNClient", machine_arn: str) -> None:
        self._client = client
        self._machine_arn = machine_arn

    def start(self, name: str) -> None:
        self._client.start_execution(stateMachineArn=self._machine_arn, name=name, input="{}")
