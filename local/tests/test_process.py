"""The emulator as a process: a sentence for a busy port or another ministack, and nothing left behind."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.paths import EMULATOR_PYTHON, ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "local")}


@pytest.fixture
def own(start_emulator: Callable[..., Any]) -> Any:
    """An emulator for one test, with a function of which one process is running."""
    emulator = start_emulator()
    yield emulator
    if emulator.process.poll() is None:
        emulator.process.kill()
    emulator.process.wait()
    emulator.process.stdout.close()


@pytest.fixture
def busy_function(own: Any, archive: bytes, until: Any) -> int:
    """The process id of a function that has just begun to sleep for a minute."""
    client = own.client("lambda")
    role = own.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    site = os.path.dirname(os.path.dirname(pytest.__file__))
    client.create_function(
        FunctionName="sleeper",
        Runtime="python3.13",
        Handler="functions.sleep",
        Role=role,
        Timeout=120,
        Code={"ZipFile": archive},
        Environment={"Variables": {"PYTHONPATH": site}},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="sleeper", WaiterConfig={"Delay": 1})
    threading.Thread(target=_invoke_until_it_breaks, args=(client,), daemon=True).start()
    return int(until(lambda: children_of(own.process.pid))[0])


def _invoke_until_it_breaks(client: Any) -> None:
    with contextlib.suppress(BotoCoreError, ClientError):
        client.invoke(FunctionName="sleeper", Payload=json.dumps({"seconds": 60}))


def children_of(pid: int) -> list[str]:
    return [
        child
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def test_a_stopped_emulator_leaves_no_process_and_no_file(
    own: Any, busy_function: int, runs: Any, until: Any
) -> None:
    scratch = Path(tempfile.gettempdir()) / f"embedded-aws-{own.port}"
    assert scratch.exists()
    assert own.stop(within=2) == 0
    until(lambda: not runs(busy_function))
    assert not scratch.exists()
    assert not own.log.with_name("pid").exists()


def test_functions_end_with_an_emulator_that_was_killed(
    own: Any, busy_function: int, runs: Any, until: Any
) -> None:
    own.process.kill()
    until(lambda: not runs(busy_function), 3)


def test_it_listens_on_the_loopback_only(own: Any) -> None:
    local = [line.split()[1:4] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [
        address for address, _, state in local if state == "0A" and address.endswith(f"{own.port:04X}")
    ]
    assert listening == [f"0100007F:{own.port:04X}"]


def test_a_busy_port_is_one_sentence(emulator: Any) -> None:
    command = [EMULATOR_PYTHON, "-m", "embedded", "--port", str(emulator.port)]
    ran = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=20, check=False)
    assert ran.returncode == 1
    assert ran.stdout.count("\n") == 1
    assert f"Port {emulator.port} on 127.0.0.1 is in use" in ran.stdout


MISMATCH = """
import os
from embedded.settings import Settings, clean_environment
os.environ.update(clean_environment(Settings(), os.environ))
from ministack.services import lambda_svc
{change}
from embedded import server
from embedded.overlay import OverlayMismatch
try:
    server.install_overlay(Settings())
except OverlayMismatch as mismatch:
    print(mismatch)
"""


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("del lambda_svc._provided_worker_env", "_provided_worker_env(config code_dir port), which is gone"),
        ("lambda_svc._provided_worker_env = lambda settings: {}", "it has (settings)"),
        ("del lambda_svc._resolve_layer_zip", "_resolve_layer_zip, which is gone"),
    ],
)
def test_another_ministack_is_told_at_start_with_advice(change: str, named: str) -> None:
    script = MISMATCH.format(change=change)
    ran = subprocess.run(
        [EMULATOR_PYTHON, "-c", script],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert named in ran.stdout, ran.stderr
    assert "adapt local/embedded/lambda_runtime.py and run: pytest local/tests" in ran.stdout


def test_test_or_an_account_id_is_root_and_an_unknown_key_is_refused(emulator: Any) -> None:
    assert emulator.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
    other = emulator.client("sts", aws_access_key_id="111122223333").get_caller_identity()
    assert other["Account"] == "111122223333"
    with pytest.raises(ClientError, match="security token"):
        emulator.client("sqs", aws_access_key_id="AKIAUNKNOWN").list_queues()
