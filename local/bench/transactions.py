"""What a confirmed order takes from the request to the end, one after the other; then a rush of orders."""

from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import quantiles
from uuid import uuid4

from bench.prices import source
from bench.rush import CLIENTS, Rush
from bench.stocking import load
from bench.usage import Meter, Used
from sandbox.api import call, expect, new_key, wait_for
from sandbox.console import table
from sandbox.deployment import Deployment
from sandbox.outputs import Outputs
from sandbox.problems import SandboxProblem

COUNT = 20
PATIENCE_SECONDS = 60
LAST = "SettleHold"  # the function that ends an order, after its customer sees it confirmed
STAND_IN = "PaymentProvider"


def report(deployment: Deployment, outputs: Outputs) -> Iterator[str]:
    meter = Meter(deployment)
    load(outputs, {(product := f"BENCH-{uuid4().hex[:8]}"): 1000})
    yield from _costs("a confirmed order", _measured(meter, outputs, product))
    rush = Rush(outputs)
    ended, _ = rush.run()
    answered, took = [each.answered for each in ended], [each.took for each in ended]
    yield f"\n{rush.count} orders by {CLIENTS} clients at once: {_spread('POST', answered)},"
    yield f"{_spread('placed to end', took)}."


def _measured(meter: Meter, outputs: Outputs, product: str) -> dict[str, Used]:
    """What COUNT orders used, each until it has ended; one goes before. Looks at them only afterwards."""
    _order(meter, outputs, product)  # what a first call makes once is no part of the figure
    start = datetime.now(UTC)
    placed = [_order(meter, outputs, product) for _ in range(COUNT)]
    used = meter.used(start, datetime.now(UTC))
    for url in placed:
        status = expect(200, call("GET", url, token=outputs.tokens.customer))["status"]
        if status != "CONFIRMED":
            raise SandboxProblem(f"an order that was to be confirmed was {status}: {url}")
    return used


def _order(meter: Meter, outputs: Outputs, product: str) -> str:
    """Its URL, once LAST has run for it. Raises SandboxProblem if it does not run."""
    body = {"items": [{"productId": product, "price": "2.35", "quantity": 1}]}
    url, start = f"{outputs.apis['orders']}/orders", datetime.now(UTC)
    placed = expect(202, call("POST", url, body, token=outputs.tokens.customer, headers=new_key()))
    ran = wait_for(lambda: meter.invocations(LAST, start, datetime.now(UTC)), bool, seconds=PATIENCE_SECONDS)
    if not ran:
        raise SandboxProblem(f"{LAST} did not run within {PATIENCE_SECONDS} s")
    return f"{url}/{placed['orderId']}"


def _costs(what: str, used: dict[str, Used]) -> Iterator[str]:
    """A row a service, of one transaction; the stand-in for the card processor is not ours to pay."""
    ours = {service: found for service, found in used.items() if service != STAND_IN}
    rows = [
        (
            service,
            f"{sum(found.calls.values()) / COUNT:.1f}",
            f"{found.units['lambda.requests'] / COUNT:.1f}",
            f"{found.units['dynamodb.write_units'] / COUNT:.1f}",
            f"{found.units['dynamodb.read_units'] / COUNT:.1f}",
            f"{found.price / COUNT * 1000:.4f}",
        )
        for service, found in ours.items()
    ]
    total = sum(found.price for found in ours.values()) / COUNT * 1000
    yield f"\nWhat {what} takes, mean of {COUNT} one after the other:\n"
    yield table(("service", "AWS calls", "invocations", "writes", "reads", "$ per 1,000"), rows)
    yield f"\n  ${total:.4f} per 1,000 ({source()}; durations are this machine's)."


def _spread(what: str, seconds: list[float]) -> str:
    cuts = quantiles(seconds, n=20)
    return f"{what} p50 {cuts[9]:.2f} s, p95 {cuts[18]:.2f} s"
