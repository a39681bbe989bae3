"""The embedded AWS as a process of its own: start, find again, stop."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sandbox.paths import EMULATOR_PYTHON, LOCAL, ROOT, RUNTIME_PYTHON
from sandbox.problems import SandboxProblem
from sandbox.processes import detached, has_ended, is_busy

REGION = "eu-west-1"
_START_SECONDS = 30
_STOP_SECONDS = 15


@dataclass(frozen=True)
class Emulator:
    """An embedded AWS that listens on `port` of this machine only; `home` holds its pid file and log."""

    port: int
    home: Path = LOCAL

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What AWS clients need to find it; its administrator's key is `test`."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    @property
    def _pid_file(self) -> Path:
        return self.home / f"emulator-{self.port}.pid"

    @property
    def log(self) -> Path:
        return self.home / f"emulator-{self.port}.log"

    def start(self) -> bool:
        """Wait until it is healthy. False if it ran already. Raises SandboxProblem for a busy port."""
        if self._pid():
            if self._healthy():
                return False
            raise SandboxProblem(
                f"The embedded AWS on port {self.port} runs but does not answer; see {self.log}"
            )
        if is_busy(self.port):
            raise SandboxProblem(
                f"Port {self.port} is in use by another program. Stop it, or run: make run PORT=4600"
            )
        self.home.mkdir(parents=True, exist_ok=True)
        process = detached(self._command(), log=self.log, python_path=ROOT / "local")
        try:
            self._wait_for(process)
        except BaseException:
            process.terminate()  # also for Ctrl-C: nobody could find it without its pid file
            process.wait(_STOP_SECONDS)
            raise
        return True

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not (self._pid() and self._healthy()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SandboxProblem(f"The embedded AWS did not start; see {self.log}")
            time.sleep(0.05)

    def _command(self) -> list[str]:
        command = [str(EMULATOR_PYTHON), "-m", "embedded", "--port", str(self.port), "--region", REGION]
        command += ["--runtime", f"python3.13={RUNTIME_PYTHON}"]
        return [*command, "--pid-file", str(self._pid_file), "--log", str(self.log)]

    def stop(self) -> bool:
        """End the process and every function process under it. False if it was not running."""
        pid = self._pid()
        if pid is None:
            return False
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
            deadline = time.monotonic() + _STOP_SECONDS
            while not has_ended(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
        self._pid_file.unlink(missing_ok=True)
        return True

    def _pid(self) -> int | None:
        """The id of our running process; None if there is none, or the file is left from another boot."""
        try:
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline")
            mark = f"embedded\0--port\0{self.port}\0".encode()
            ours = not Path("/proc/self").exists() or mark in command.read_bytes()
        except (OSError, ValueError):
            return None
        return pid if ours and not has_ended(pid) else None

    def _healthy(self) -> bool:
        try:
            with urlopen(f"{self.url}/_ministack/health", timeout=2) as answer:  # noqa: S310 - our own URL
                return bool(answer.status == 200)  # noqa: PLR2004
        except (URLError, OSError):
            return False


def running(home: Path = LOCAL) -> list[Emulator]:
    """Those that were started on this machine and not stopped, by the pid files that they left."""
    ports = [path.stem.removeprefix("emulator-") for path in home.glob("emulator-*.pid")]
    return [Emulator(int(port), home) for port in ports]
