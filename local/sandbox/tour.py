"""What to try next: commands that work as they are printed. The README has the same, and a test runs them."""

from pathlib import Path

from sandbox.outputs import Outputs

_TOUR = Path(__file__).parent / "tour.sh"


def commands() -> str:
    """The tour, to be pasted into a shell in the project's folder."""
    return _TOUR.read_text(encoding="utf-8").strip()


def next_steps(outputs: Outputs) -> str:
    apis = "\n".join(f"  {service:<17} {url}" for service, url in outputs.apis.items())
    tour = "\n".join(f"  {line}".rstrip() for line in commands().splitlines())
    return (
        f"The application goes on running; `make stop` ends it. Its APIs:\n{apis}\n\n"
        "URLs, tokens and all stack outputs are in .local/outputs.json, and for a shell in .local/env.\n"
        f"Try it:\n\n{tour}\n"
    )
