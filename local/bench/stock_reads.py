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
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import boto3

from sandbox.api import call, expect
from sandbox.paths import LOCAL

STACK = "bench-stock-reads"
REQUESTS = 400
WARM = 20
PRODUCT = "WATER-500"
# us-east-1, first tier: a million requests, and a GB-second of arm64 (aws.amazon.com/lambda/pricing).
DOLLARS_A_MILLION, DOLLARS_A_GB_SECOND, GB = 0.20, 0.0000133334, 0.5

_TEMPLATE = Path(__file__).with_suffix(".yaml")


@contextmanager
def without_function(table: str, pool: str) -> Iterator[str]:
    """The id of the API without a function, which is there for a while."""
    stacks = boto3.client("cloudformation")
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


def _duration(start: datetime) -> float:
    """Of an invocation of the function since then, on average: milliseconds."""
    functions = boto3.client("lambda").get_paginator("list_functions").paginate()
    (name,) = (
        each["FunctionName"]
        for page in functions
        for each in page["Functions"]
        if each.get("Handler") == "inventory.handlers.get_stock.handler"
    )
    seen = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Duration",
        Dimensions=[{"Name": "FunctionName", "Value": name}],
        StartTime=start,
        EndTime=datetime.now(UTC),
        Period=3600,
        Statistics=["Average"],
    )
    return seen["Datapoints"][-1]["Average"]


def main() -> None:
    known: Any = json.loads((LOCAL / "outputs.json").read_text())
    stacks, start = known["stacks"], datetime.now(UTC)
    pool = boto3.client("cognito-idp").describe_user_pool(UserPoolId=stacks["Platform"]["UserPoolId"])
    with without_function(stacks["Inventory"]["StockTableName"], pool["UserPool"]["Arn"]) as api:
        ways = {
            "with a function": known["apis"]["inventory"],
            "without": f"{known['endpoint']}/_aws/execute-api/{api}/dev",
        }
        taken = measure(ways, known["tokens"]["customer"])
    for way, times in taken.items():
        print(f"{way}: p50 {median(times):.1f} ms, p95 {quantiles(times, n=20)[-1]:.1f} ms")
    whole, direct = map(median, taken.values())
    milliseconds = _duration(start)
    dollars = DOLLARS_A_MILLION + milliseconds * 1000 * GB * DOLLARS_A_GB_SECOND
    print(f"ratio of p50 {whole / direct:.2f}")
    print(f"the function runs {milliseconds:.1f} ms: ${dollars:.2f} more a million requests")


if __name__ == "__main__":
    main()
