"""Stock for a benchmark, brought in as a file like any other."""

from collections.abc import Mapping

from sandbox.api import call, expect, upload, wait_for
from sandbox.outputs import Outputs
from sandbox.problems import SandboxProblem

PATIENCE_SECONDS = 60


def load(outputs: Outputs, units: Mapping[str, int]) -> None:
    """So many units of each product are on hand, at one place. Raises SandboxProblem if it is not done."""
    imports, token = f"{outputs.apis['inventory']}/inventory/imports", outputs.tokens.operator
    offer = expect(201, call("POST", imports, {"fileName": "bench.csv"}, token=token))
    rows = "".join(f"{product},ZRH,{quantity},2026-11-20\n" for product, quantity in units.items())
    content = f"product_id,location,quantity,update_date\n{rows}".encode()
    upload(offer["upload"]["url"], offer["upload"]["fields"], content)
    status = wait_for(
        lambda: expect(200, call("GET", f"{imports}/{offer['importId']}", token=token))["status"],
        lambda seen: seen not in ("AWAITING_UPLOAD", "RUNNING"),
        seconds=PATIENCE_SECONDS,
    )
    if status != "SUCCEEDED":
        raise SandboxProblem(f"the stock file was {status} after {PATIENCE_SECONDS} s")
