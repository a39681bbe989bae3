"""`python -m sandbox run | stop`: what `make run` and `make stop` do."""

import argparse
import sys
import time

from sandbox.console import stage, table
from sandbox.deployment import Deployment
from sandbox.emulator import Emulator, running
from sandbox.outcome import must_be_right
from sandbox.outputs import Outputs, gather
from sandbox.paths import ROOT
from sandbox.problems import SandboxProblem
from sandbox.story import Story
from sandbox.tour import next_steps

_LAST_PORT = 65535


def main() -> int:
    arguments = _parse()
    try:
        if arguments.command == "stop":
            stop(running())
        else:
            run(arguments.port)
    except SandboxProblem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    return 0


def run(port: int) -> None:
    """Bring everything up, tell the story, leave it running. Raises SandboxProblem if something is wrong."""
    started = time.monotonic()
    aws = Emulator(port)
    ran_before = aws in running()
    try:
        tell(bring_up(Deployment(aws)), started)
    except KeyboardInterrupt:
        if not ran_before:
            aws.stop()
        raise


def tell(outputs: Outputs, started: float) -> None:
    """The story, its table, and what to try next."""
    print("\nThe story: a stock file becomes stock, then orders and bookings come to their ends.\n")
    rows = list(Story(outputs).tell())
    print("\n" + table(("what", "came out as", "time", ""), [row.cells() for row in rows]))
    must_be_right(rows)
    print(f"\nAll of it is right, after {time.monotonic() - started:.0f} s.\n")
    print(next_steps(outputs))


def bring_up(deployment: Deployment) -> Outputs:
    """Start the embedded AWS, build, deploy, sign in. What runs is used; what changed is redeployed."""
    with stage("embedded AWS") as progress:
        fresh = deployment.aws.start()
        progress.show(1, f"{deployment.aws.url}{'' if fresh else ', running already'}")
    with stage("sam build") as progress:
        deployment.sam_build(progress)
    with stage("sam deploy") as progress:
        deployment.sam_deploy(progress)
    with stage("users and outputs") as progress:
        outputs = gather(deployment)
        outputs.write(deployment.aws.home)
        progress.show(1, f"{deployment.aws.home.relative_to(ROOT)}/outputs.json, env")
    return outputs


def stop(emulators: list[Emulator]) -> None:
    """End the embedded AWS on each, with all its function processes."""
    stopped = [emulator.port for emulator in emulators if emulator.stop()]
    print(f"Stopped (port {', '.join(map(str, stopped))})." if stopped else "Nothing was running.")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run_command = commands.add_parser("run", help="bring everything up and tell the story")
    run_command.add_argument("--port", type=_port, default=4566)
    commands.add_parser("stop", help="end what is running")
    return parser.parse_args()


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= _LAST_PORT):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port: say 1 to {_LAST_PORT}, as in make run PORT=4600"
        )
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
