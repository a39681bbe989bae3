"""`python -m bench.stock_reads`, after `make run`: GET /inventory/{productId} by its function, and without.

The API without a function is made for the measurement, next to the real one, over the same table: API
Gateway queries DynamoDB and a mapping template writes the answer (without the sums). Requests alternate,
so that a slow moment of the machine meets both.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

from bench.prices import dollars, source
from bench.usage import MB_A_GB
from sandbox.api import call, expect
from sandbox.deployment import Deployment
from sandbox.emulator import Emulator
from sandbox.paths import LOCAL

STACK = "bench-stock-reads"
REQUESTS = 400
WARM = 20
MILLION = 1_000_000
PRODUCT = "WATER-500"

_TEMPLATE = Path(__file__).with_suffix(".yaml")


@contextmanager
def without_function(deployment: Deployment, table: str, pool: str) -> Iterator[str]:
    """The id of the API without a function, which is there for a while."""
    stacks = deployment.client("cloudformation")
    stacks.create_stack(
        StackName=STACK,
        TemplateBody=_TEMPLATE.read_text(encoding="utf-8"),
        Parameters=[
            {"ParameterKey": "StockTableName", "ParameterValue": table},
            {"ParameterKey": "UserPoolArn", "ParameterValue": pool},
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    try:
        stacks.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
        (stack,) = stacks.describe_stacks(StackName=STACK)["Stacks"]
        yield stack["Outputs"][0]["OutputValue"]
    finally:
        stacks.delete_stack(StackName=STACK)


def measure(ways: dict[str, str], token: str) -> dict[str, list[float]]:
    """Milliseconds of each request, by way."""
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(WARM + REQUESTS):
        for way, url in ways.items():
            start = time.perf_counter()
            expect(200, call("GET", f"{url}/inventory/{PRODUCT}", token=token))
            if number >= WARM:
                taken[way].append((time.perf_counter() - start) * 1000)
    return taken


def _function(deployment: Deployment, start: datetime) -> tuple[Decimal, Decimal]:
    """Milliseconds of an invocation of the function since then, on average; what a million of them cost."""
    function = deployment.function("inventory.handlers.get_stock.handler")
    seen = deployment.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Duration",
        Dimensions=[{"Name": "FunctionName", "Value": function["FunctionName"]}],
        StartTime=start,
        EndTime=datetime.now(UTC),
        Period=3600,
        Statistics=["Average"],
    )
    milliseconds = Decimal(str(seen["Datapoints"][-1]["Average"]))
    gb_seconds = milliseconds / 1000 * function["MemorySize"] / MB_A_GB * MILLION
    return milliseconds, dollars({"lambda.requests": MILLION, "lambda.arm_gb_seconds": gb_seconds})


def main() -> None:
    known: Any = json.loads((LOCAL / "outputs.json").read_text())
    stacks, start = known["stacks"], datetime.now(UTC)
    deployment = Deployment(Emulator(urlsplit(known["endpoint"]).port or 0))
    pool = deployment.client("cognito-idp").describe_user_pool(UserPoolId=stacks["Platform"]["UserPoolId"])
    table = stacks["Inventory"]["StockTableName"]
    with without_function(deployment, table, pool["UserPool"]["Arn"]) as api:
        ways = {
            "with a function": known["apis"]["inventory"],
            "without": f"{known['endpoint']}/_aws/execute-api/{api}/dev",
        }
        taken = measure(ways, known["tokens"]["customer"])
    for way, times in taken.items():
        print(f"{way}: p50 {median(times):.1f} ms, p95 {quantiles(times, n=20)[-1]:.1f} ms")
    whole, direct = map(median, taken.values())
    milliseconds, more = _function(deployment, start)
    print(f"ratio of p50 {whole / direct:.2f}")
    print(f"the function runs {milliseconds:.1f} ms: ${more:.2f} more a million requests ({source()})")


if __name__ == "__main__":
    main()
