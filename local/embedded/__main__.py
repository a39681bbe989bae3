"""The command line of the embedded AWS: `python -m embedded --help`."""

import argparse
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

from embedded.settings import Settings, clean_environment


def main() -> int:
    started = time.monotonic()
    arguments = _parse()
    settings = Settings(
        port=arguments.port,
        region=arguments.region,
        interpreters=dict(arguments.runtime),
        idle_worker_seconds=arguments.idle_worker_seconds,
        scratch=Path(tempfile.gettempdir()) / f"embedded-aws-{arguments.port}",
    )
    if not _is_free(settings.port):
        print(f"Port {settings.port} on 127.0.0.1 is in use: stop what listens there or give another --port.")
        return 1
    _log_to(arguments.log)
    environment = clean_environment(settings, os.environ)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = str(settings.scratch)
    return _run(settings, arguments.pid_file, started)


def _run(settings: Settings, pid_file: Path | None, started: float) -> int:
    from embedded import server  # imports ministack, which reads the environment once, on import
    from embedded.overlay import OverlayMismatch

    def announce() -> None:
        if pid_file:
            pid_file.write_text(f"{os.getpid()}\n", encoding="utf-8")
        waited = time.monotonic() - started
        print(
            f"Embedded AWS is healthy at {settings.url} ({settings.region}) after {waited:.1f} s", flush=True
        )

    try:
        server.run(settings, announce)
    except OverlayMismatch as mismatch:
        print(mismatch)
        return 1
    finally:
        if pid_file:
            pid_file.unlink(missing_ok=True)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m embedded", description=__doc__)
    parser.add_argument("--port", type=int, default=4566, help="TCP port on 127.0.0.1")
    parser.add_argument("--region", default="eu-west-1", help="the region of requests that name none")
    parser.add_argument(
        "--runtime",
        type=_runtime,
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help="interpreter for a function's Runtime, with awslambdaric installed; may be repeated",
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="where the emulator's own log goes")
    parser.add_argument("--pid-file", type=Path, metavar="FILE", help="holds the process id while healthy")
    parser.add_argument(
        "--idle-worker-seconds", type=float, default=30.0, help="surplus function processes end after this"
    )
    return parser.parse_args()


def _runtime(text: str) -> tuple[str, str]:
    name, _, python = text.partition("=")
    if not os.access(python, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PATH of an executable Python")
    return name, str(Path(python).absolute())


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _log_to(file: Path | None) -> None:
    """ministack logs to stderr: that becomes the file, and stdout stays for people."""
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
