"""Runs inside a function's process, in the function's Python: awslambdaric, ending when the emulator ends."""

import os
import select
import signal
import sys
import threading


def die_with(parent: int) -> None:
    """End this process as soon as `parent` is gone, however it went and whatever the handler does."""
    if not hasattr(os, "pidfd_open"):  # not Linux: the runtime ends when its API's socket closes
        return
    try:
        watched = os.pidfd_open(parent)
    except ProcessLookupError:
        os._exit(1)
    select.select([watched], [], [])
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=die_with, args=(int(os.environ.pop("_EMULATOR_PID")),), daemon=True).start()
    from awslambdaric.__main__ import main

    main(sys.argv)
