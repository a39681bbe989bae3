"""The commands that README and `make run` print work as they are printed; so do the SAM CLI's others."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from sandbox.deployment import STACK
from sandbox.outputs import Outputs
from sandbox.paths import LOCAL, ROOT
from sandbox.tour import commands, next_steps

pytestmark = pytest.mark.e2e

INVOKED = [
    ("Orders/PlaceOrderFunction", "orders/post_order.json", '"statusCode": 202'),
    ("Orders/GetOrderFunction", "orders/get_unknown_order.json", '"statusCode": 404'),
    ("Inventory/GetStockFunction", "inventory/get_stock.json", '"statusCode": 404'),
    ("Bookings/GetFlightsFunction", "bookings/get_flights.json", '"statusCode": 200'),
    ("PaymentProvider/GetCallsFunction", "payment_provider/get_calls.json", '"statusCode": 200'),
    ("Payments/TellPaymentsFunction", "payments/changes_to_captured_and_refunded.json", "batchItemFailures"),
    ("Payments/PaymentRequestsQueue", "payments/payment_request.json", "MessageId"),
    ("Bookings/ProcessBooking", "bookings/process_booking.json", ""),
]


@pytest.fixture
def shell(application: Outputs, tmp_path: Path) -> Path:
    """A folder that looks like the project's to a command, with the environment of this deployment."""
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "env").symlink_to(LOCAL / "e2e" / "env")
    (tmp_path / "events").symlink_to(ROOT / "events")
    assert application.stack == STACK
    return tmp_path


def run(script: str, folder: Path) -> str:
    """What the script says. It stops at the first command that fails."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_tour_in_the_readme_is_the_one_that_is_printed(application: Outputs) -> None:
    shown = re.search(r"<!-- tour:.*?```sh\n(.*?)\n```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    assert shown[1] == commands()
    assert all(line in next_steps(application) for line in commands().splitlines())


def test_the_tour_works_as_it_is_printed(shell: Path) -> None:
    said = run(commands(), shell)
    assert any(f'"status":"{status}"' in said for status in ("PLACED", "AWAITING_PAYMENT", "CONFIRMED"))
    assert '"bookingId"' in said


@pytest.mark.parametrize(("resource", "sample", "says"), INVOKED)
def test_sam_remote_invoke_takes_the_samples(shell: Path, resource: str, sample: str, says: str) -> None:
    said = run(
        f". .local/env; sam remote invoke {resource} --stack-name {STACK} --event-file events/{sample}", shell
    )
    assert says in said


def test_sam_list_shows_the_outputs(shell: Path, application: Outputs) -> None:
    said = run(f". .local/env; sam list stack-outputs --stack-name {STACK} --output json", shell)
    assert len(application.stacks["root"]) >= 6
    assert all(value in said for value in application.stacks["root"].values())
