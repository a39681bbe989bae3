"""The moves in the service's README are those of the code."""

import re

from checks.templates import ROOT
from orders.domain.moves import MOVES


def test_the_readme_lists_every_move_and_no_other() -> None:
    text = (ROOT / "services/orders/README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([A-Z_]+) \| ([a-z_]+) \| ([A-Z_]+) \|$", text, re.MULTILINE)
    assert listed == [(start, fact, end) for start, moves in MOVES.items() for fact, end in moves.items()]
