"""Starting and stopping: a busy port is said so, what was started is found again, nothing is left behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.api import wait_for
from sandbox.emulator import Emulator, running
from sandbox.paths import ROOT
from sandbox.problems import SandboxProblem
from sandbox.processes import free_port

pytestmark = pytest.mark.e2e


def test_what_runs_is_found_again_and_stopped(tmp_path: Path) -> None:
    emulator = Emulator(free_port(), tmp_path)
    try:
        assert emulator.start() is True
        assert emulator.start() is False
        assert running(tmp_path) == [emulator]
    finally:
        assert emulator.stop() is True
    assert emulator.stop() is False
    assert running(tmp_path) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", emulator.port)) != 0


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SandboxProblem, match=f"Port {port} is in use by another program"):
            Emulator(port, tmp_path).start()


def test_one_that_runs_and_does_not_answer_is_not_taken_for_another_program(tmp_path: Path) -> None:
    emulator = Emulator(free_port(), tmp_path)
    emulator.start()
    pid = int((tmp_path / f"emulator-{emulator.port}.pid").read_text())
    try:
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(SandboxProblem, match="runs but does not answer"):
            emulator.start()
    finally:
        os.kill(pid, signal.SIGCONT)
        emulator.stop()


def run_sandbox(port: int) -> subprocess.Popen[str]:
    """As in a terminal: a job in the background of a shell would inherit that Ctrl-C is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "sandbox", "run", "--port", str(port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("moment", ["at once", "while it builds"])
def test_ctrl_c_stops_what_was_started(moment: str) -> None:
    port = free_port()
    process = run_sandbox(port)
    assert process.stdout is not None
    if moment == "at once":
        wait_for(lambda: processes_on(port), bool, seconds=10, every=0.02)
    else:
        assert "embedded AWS" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Interrupted" in said
    assert port not in {emulator.port for emulator in running()}
    assert wait_for(lambda: processes_on(port), lambda found: not found, seconds=10) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def processes_on(port: int) -> list[int]:
    """Those whose command line says that they are an embedded AWS on this port."""
    mark = f"embedded\0--port\0{port}\0".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def test_what_ran_before_outlives_ctrl_c() -> None:
    emulator = Emulator(free_port())
    emulator.start()
    try:
        process = run_sandbox(emulator.port)
        assert process.stdout is not None
        assert "running already" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert emulator in running()
    finally:
        emulator.stop()


def test_a_pid_file_of_another_program_is_not_believed(tmp_path: Path) -> None:
    emulator = Emulator(free_port(), tmp_path)
    (tmp_path / f"emulator-{emulator.port}.pid").write_text(str(os.getpid()))
    assert emulator.stop() is False
