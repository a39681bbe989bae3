"""What the person at the terminal sees: a line per stage with its time, a bar for the long ones, a table."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_WIDTH = 28
_NAME = 34


class Progress:
    """One stage. On a terminal it moves; elsewhere only its end is printed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._started = time.monotonic()
        self._moves = sys.stdout.isatty()
        self._note = ""

    def show(self, done: float, note: str) -> None:
        """`done` is the share from 0 to 1 that is done."""
        self._note = note
        if self._moves:
            bar = "#" * int(done * _WIDTH)
            print(f"\r\033[K  {self._name:<{_NAME}} [{bar:<{_WIDTH}}] {note}", end="", flush=True)

    def end(self, note: str = "") -> None:
        start = "\r\033[K" if self._moves else ""
        seconds = time.monotonic() - self._started
        print(f"{start}  {self._name:<{_NAME}} {seconds:5.1f} s  {note or self._note}".rstrip(), flush=True)


@contextmanager
def stage(name: str) -> Iterator[Progress]:
    """A stage of the run. What it raises ends the line."""
    progress = Progress(name)
    progress.show(0, "...")
    try:
        yield progress
    except BaseException:
        progress.end("failed")
        raise
    progress.end()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = ["-" * width for width in widths]
    lines = [head, rule, *rows]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
