"""Processes that outlive the one that started them."""

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.paths import ROOT

# Those that this process itself started: they outlive it, but while it lives it must reap them.
_children: dict[int, subprocess.Popen[bytes]] = {}


def detached(command: Sequence[str], *, log: Path, python_path: Path) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that Ctrl-C here does not reach it; what it says goes to `log`."""
    with log.open("a") as told:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**_clean(os.environ), "PYTHONPATH": str(python_path)},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    _children[process.pid] = process
    return process


def has_ended(pid: int) -> bool:
    if pid in _children:
        return _children[pid].poll() is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def is_busy(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """One of this machine that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Neither the caller's AWS account nor Python settings reach the emulator and its functions."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(("AWS_", "PYTHON", "VIRTUAL_ENV", "POWERTOOLS_"))
    }
