"""What our code adds to a warm call: requests refused before AWS is asked, against an empty handler."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.init_time import ENVIRONMENT
from sandbox.console import table
from sandbox.paths import ROOT, RUNTIME_PYTHON
from sandbox.problems import SandboxProblem

ROUNDS, CALLS = 5, 200
SETTINGS = {
    "ALLOW_ORIGIN": "*",
    "CURRENCY": "USD",
    "DEFAULT_PAYMENT_METHOD": "pm_card_visa",
    "IDEMPOTENCY_HOURS": "24",
    "IDEMPOTENCY_TABLE_NAME": "never asked",
    "PRICE_LIST": "optional",
    "SAGA_ARN": "never asked",
}
TIMED = Path(__file__).with_name("timed_handler.py")


@dataclass(frozen=True)
class Call:
    """A function by the folder where `sam build` put it; an event of `events/`, and the status it answers."""

    folder: str
    module: str
    event: str
    status: int


CALLS_TIMED = (
    Call("Orders/PlaceOrderFunction", "empty", "orders/post_order.json", 200),
    Call(
        "Orders/PlaceOrderFunction", "orders.handlers.place_order", "orders/post_order_without_key.json", 400
    ),
    Call(
        "Orders/PutProductFunction", "orders.handlers.put_product", "orders/put_product_by_customer.json", 403
    ),
    Call(
        "Bookings/BookSeatsFunction",
        "bookings.handlers.book_seats",
        "bookings/post_booking_without_key.json",
        400,
    ),
    Call(
        "Inventory/StartImportFunction",
        "inventory.handlers.start_import",
        "inventory/post_import_by_customer.json",
        403,
    ),
)


def report(build: Path) -> Iterator[str]:
    yield f"\nA warm call, median of {ROUNDS} interleaved rounds of {CALLS}; `empty` only logs.\n"
    rows = [(call.module, str(call.status), f"{seconds * 1000:.2f}") for call, seconds in measure(build)]
    yield table(("handler", "answers", "ms"), rows)


def measure(build: Path) -> list[tuple[Call, float]]:
    """Seconds of a warm call, medians of interleaved rounds; the empty handler first."""
    rounds = [[_seconds(build, call) for call in CALLS_TIMED] for _ in range(ROUNDS)]
    return list(zip(CALLS_TIMED, map(median, zip(*rounds, strict=True)), strict=True))


def _seconds(build: Path, call: Call) -> float:
    """Raises SandboxProblem if the function answers otherwise than it should: then its time says nothing."""
    path = (build / call.folder, build / "Platform" / "SharedLayer" / "python")
    done = subprocess.run(
        [RUNTIME_PYTHON, TIMED, call.module, ROOT / "events" / call.event, str(CALLS)],
        env=ENVIRONMENT | SETTINGS | {"PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=True,
    )
    status, seconds = done.stdout.split()[-2:]
    if int(status) != call.status:
        raise SandboxProblem(f"{call.module} answered {status}, not {call.status}")
    return float(seconds)
