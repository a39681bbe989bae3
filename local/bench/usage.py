"""What the application used of AWS in a span of time, in the units of prices.toml, by service of ours.

Read from the metrics of the embedded AWS. Not in it: writes to indexes, X-Ray, logs, empty polls of queues. A
message counts as three requests: sent, received and deleted.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from bench.prices import dollars
from sandbox.deployment import Deployment

DAY = 86400
MB_A_GB = 1024
REQUESTS_A_MESSAGE = 3
READS, TRANSACTIONS = ("Get", "Query", "BatchGet", "TransactGet"), "Transact"
UNIT_OF_CALL = {
    "events:PutEvents": "eventbridge.custom_events",
    "lambda:InvokeFunction": "eventbridge.pipe_requests",
    "sns:Publish": "sns.fifo_requests",
    "sns:PublishBatch": "sns.fifo_requests",
}


@dataclass(frozen=True)
class Used:
    """`units` by names of prices.toml, `calls` made by the service's own code, by operation."""

    units: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def price(self) -> Decimal:
        return dollars({unit: Decimal(str(number)) for unit, number in self.units.items()})


@dataclass(frozen=True)
class Meter:
    """Reads the metrics of one deployment; a service is called as the root template calls its stack."""

    deployment: Deployment

    def used(self, start: datetime, end: datetime) -> dict[str, Used]:
        found: dict[str, Used] = defaultdict(Used)
        for part in (self._calls, self._items, self._invocations, self._requests):
            for service, unit, number in part(start, end):
                kind = found[service].calls if ":" in unit else found[service].units
                kind[unit] += number  # type: ignore[assignment] # a share of a GB second, too
        return {service: found[service] for service in sorted(found)}

    def invocations(self, function: str, start: datetime, end: datetime) -> float:
        """How often a function whose name contains this was called."""
        named = self._sums("AWS/Lambda", "Invocations", start, end)
        return sum(number for by, number in named if function in by["FunctionName"])

    def _calls(self, start: datetime, end: datetime) -> Iterator[tuple[str, str, float]]:
        for by, number in self._sums("Embedded", "Calls", start, end):
            operation, service = by["Operation"], self._service(by["Role"])
            yield service, operation, number
            if unit := UNIT_OF_CALL.get(operation):
                yield service, unit, number
            elif operation.startswith("sqs:"):
                yield service, "sqs.requests", number

    def _items(self, start: datetime, end: datetime) -> Iterator[tuple[str, str, float]]:
        for by, number in self._sums("Embedded", "Items", start, end):
            operation = by["Operation"].removeprefix("dynamodb:")
            unit = "dynamodb.read_units" if operation.startswith(READS) else "dynamodb.write_units"
            yield (
                self._service(by["Role"]),
                unit,
                number * (2 if operation.startswith(TRANSACTIONS) else 1),
            )

    def _invocations(self, start: datetime, end: datetime) -> Iterator[tuple[str, str, float]]:
        for by, number in self._sums("AWS/Lambda", "Invocations", start, end):
            service = self._service(by["FunctionName"])
            yield service, "lambda.requests", number
            if queue := self._queues.get(by["FunctionName"]):
                unit = "sqs.fifo_requests" if queue.endswith(".fifo") else "sqs.requests"
                yield service, unit, number * REQUESTS_A_MESSAGE
        for by, milliseconds in self._sums("AWS/Lambda", "Duration", start, end):
            gigabytes = self._memory[by["FunctionName"]] / MB_A_GB
            yield self._service(by["FunctionName"]), "lambda.arm_gb_seconds", milliseconds / 1000 * gigabytes

    def _requests(self, start: datetime, end: datetime) -> Iterator[tuple[str, str, float]]:
        for by, number in self._sums("AWS/ApiGateway", "Count", start, end):
            yield self._service(by["ApiName"]), "apigateway.requests", number

    def _sums(
        self, namespace: str, metric: str, start: datetime, end: datetime
    ) -> Iterator[tuple[dict[str, str], float]]:
        """The sum over the span for all dimensions that the metric has, where it is not nothing."""
        pages = self._cloudwatch.get_paginator("list_metrics").paginate(
            Namespace=namespace, MetricName=metric
        )
        for found in [found for page in pages for found in page["Metrics"]]:
            points = self._cloudwatch.get_metric_statistics(
                Namespace=namespace,
                MetricName=metric,
                Dimensions=found["Dimensions"],
                StartTime=start,
                EndTime=end,
                Period=DAY,
                Statistics=["Sum"],
            )["Datapoints"]
            if total := sum(point["Sum"] for point in points):
                yield {each["Name"]: each["Value"] for each in found["Dimensions"]}, total

    def _service(self, name: str) -> str:
        """The nested stack that a physical name belongs to."""
        found = re.match(rf"{self.deployment.stack}-([A-Za-z]+)", name)
        return found[1] if found else name.capitalize()

    @cached_property
    def _cloudwatch(self) -> Any:
        return self.deployment.client("cloudwatch")

    @cached_property
    def _queues(self) -> dict[str, str]:
        """The queue that feeds a function, by the function's name."""
        mappings = self.deployment.client("lambda").get_paginator("list_event_source_mappings").paginate()
        return {
            each["FunctionArn"].split(":")[6]: each["EventSourceArn"]
            for page in mappings
            for each in page["EventSourceMappings"]
            if ":sqs:" in each["EventSourceArn"]
        }

    @cached_property
    def _memory(self) -> dict[str, int]:
        pages = self.deployment.client("lambda").get_paginator("list_functions").paginate()
        return {each["FunctionName"]: each["MemorySize"] for page in pages for each in page["Functions"]}
