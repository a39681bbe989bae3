"""What the services' code says about events, read from its syntax without running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from checks.templates import ROOT
from jetbridge.contracts.registry import EVENTS


def handlers_of(service: str) -> list[Path]:
    return sorted((ROOT / "services" / service / "src").glob("*/handlers/*.py"))


def events_named_in(paths: list[Path]) -> set[str]:
    """Events that modules import. The linter refuses an import that is not used, so these are used."""
    return {name for path in paths for name in _imported(path) if name in EVENTS}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jetbridge.contracts"):
            yield from (alias.name for alias in node.names)


def aws_calls_in(path: Path) -> set[str]:
    """Names of the calls of AWS that a module makes: only they have keywords in Pascal case."""
    calls = (
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    )
    return {
        call.func.attr
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and any((word.arg or "")[:1].isupper() for word in call.keywords)
    }
