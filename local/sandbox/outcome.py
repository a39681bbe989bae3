"""What came out of one part of the story, beside what had to."""

from dataclasses import dataclass

from sandbox.problems import SandboxProblem


@dataclass(frozen=True)
class Row:
    """One line of the table. `end` is what came out, `wanted` what had to."""

    what: str
    wanted: str
    end: str
    seconds: float

    @property
    def right(self) -> bool:
        return self.wanted == self.end

    def cells(self) -> tuple[str, str, str, str]:
        return (
            self.what,
            self.end,
            f"{self.seconds:.1f} s",
            "right" if self.right else f"WRONG: not {self.wanted}",
        )


def must_be_right(rows: list[Row]) -> None:
    """Raises SandboxProblem naming the rows that are not."""
    wrong = [row.what for row in rows if not row.right]
    if wrong:
        raise SandboxProblem("Not as it should be: " + "; ".join(wrong))
