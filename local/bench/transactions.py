"""What one transaction takes: an order and a booking from the request to the end, one after the other."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from statistics import quantiles
from typing import Any
from uuid import uuid4

from bench.prices import source
from bench.rush import Rush
from bench.stocking import load
from bench.usage import Meter, Used
from sandbox.api import call, expect, new_key, wait_for
from sandbox.console import table
from sandbox.deployment import Deployment
from sandbox.outputs import Outputs

COUNT = 20
PATIENCE_SECONDS = 60
STAND_IN = "PaymentProvider"


def report(deployment: Deployment, outputs: Outputs) -> Iterator[str]:
    meter = Meter(deployment)
    load(outputs, {(product := f"BENCH-{uuid4().hex[:8]}"): 1000})
    yield from _costs("a confirmed order", _measured(meter, partial(_order, outputs, product), "SettleHold"))
    ended, _ = Rush(outputs).run()
    yield f"\n300 orders by 16 clients at once: {_spread('POST', [each.answered for each in ended])},"
    yield f"{_spread('placed to end', [each.took for each in ended])}."


def _measured(meter: Meter, transaction: Callable[[], Any], last: str) -> dict[str, Used]:
    """What COUNT transactions used, each until the function that ends it has run; one goes before."""
    _follow(meter, transaction, last)  # what a first call makes once is no part of the figure
    start = datetime.now(UTC)
    for _ in range(COUNT):
        _follow(meter, transaction, last)
    return meter.used(start, datetime.now(UTC))


def _follow(meter: Meter, transaction: Callable[[], Any], last: str) -> None:
    """Raises TimeoutError if the function `last` does not run for it."""
    start = datetime.now(UTC)
    transaction()
    ran = wait_for(lambda: meter.invocations(last, start, datetime.now(UTC)), bool, seconds=PATIENCE_SECONDS)
    if not ran:
        raise TimeoutError(f"{last} did not run within {PATIENCE_SECONDS} s")


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


def _order(outputs: Outputs, product: str) -> str:
    body = {"items": [{"productId": product, "price": "2.35", "quantity": 1}]}
    url = f"{outputs.apis['orders']}/orders"
    placed = call("POST", url, body, token=outputs.tokens.customer, headers=new_key())
    return str(expect(202, placed)["orderId"])
