"""The lines of a file that comes in pieces; what was read of them and not yet done with can be read again."""

from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain
from typing import NamedTuple

MAX_FIELD = 4096  # characters; so far is looked for the end of a quote
MAX_LINE = 65_536  # bytes; a line of as many or more is a bad row, and never held as a whole

_TOO_LONG = b"x" * (MAX_FIELD + 1) + b"\n"  # what is read in place of such a line


class Seam(NamedTuple):
    """A place between two lines of a file: so many bytes and lines of it are done with."""

    bytes: int = 0
    lines: int = 0


START = Seam()


class Lines:
    """`done` says how many lines are done with; whoever reads moves it on.

    Bytes that are no UTF-8 come as lone surrogates. A line ends with LF, CRLF or CR, which it keeps.
    """

    def __init__(self, pieces: Iterable[bytes], start: Seam = START) -> None:
        self._blocks = _whole_lines(pieces)
        self._kept: list[str] = []
        self._first = start  # where the kept lines begin
        self._sizes: dict[int, int] = {}  # of lines that are too long: more bytes than what is read for them
        self.done = start.lines

    def __iter__(self) -> Iterator[str]:
        """The lines that are not done with, those that were read before first."""
        return chain.from_iterable(self._batches())

    @property
    def next(self) -> str:
        """The first line that was read and is not done with."""
        return self._kept[self.done - self._first.lines]

    @property
    def seam(self) -> Seam:
        passed = "".join(self._kept[: self.done - self._first.lines])
        size = len(passed.encode("utf-8", "surrogateescape"))
        more = sum(more for line, more in self._sizes.items() if self._first.lines < line <= self.done)
        return Seam(self._first.bytes + size + more, self.done)

    def _batches(self) -> Iterator[list[str]]:
        self._forget()
        yield self._kept
        for block, size in self._blocks:
            self._forget()
            lines = StringIO(block.decode("utf-8", "surrogateescape"), newline="").readlines()
            if size != len(block):
                self._sizes[self._first.lines + len(self._kept) + 1] = size - len(block)
            self._kept = self._kept + lines
            yield lines

    def _forget(self) -> None:
        self._kept, self._first = self._kept[self.done - self._first.lines :], self.seam
        self._sizes = {line: more for line, more in self._sizes.items() if line > self.done}


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Blocks that end where lines end, and how many bytes of the file each is."""
    rest, dropped = b"", 0
    for piece in pieces:
        rest += piece
        end = max(rest.rfind(b"\n"), rest.rfind(b"\r", 0, -1)) + 1  # a CR at the end may be half of a CRLF
        if end:
            yield from _blocks(rest[:end], dropped)
            rest, dropped = rest[end:], 0
        if len(rest) > MAX_LINE:
            rest, dropped = rest[-1:], dropped + len(rest) - 1
    if rest:
        yield from _blocks(rest, dropped)


def _blocks(block: bytes, dropped: int) -> Iterator[tuple[bytes, int]]:
    """`dropped` bytes of the first line are not in the block."""
    if not dropped and len(block) < MAX_LINE:
        yield block, len(block)
        return
    for line in block.splitlines(keepends=True):
        size, dropped = dropped + len(line), 0
        yield (line, size) if size < MAX_LINE else (_TOO_LONG, size)
