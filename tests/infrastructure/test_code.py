"""What reviewers would say each time, said once: each test lists every file that it is about."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from checks.templates import PATHS, ROOT

PRODUCT = sorted([*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("shared/jetbridge/**/*.py")])
EMBEDDED = sorted(ROOT.glob("local/embedded/**/*.py"))
LOCAL = sorted({*ROOT.glob("local/*/**/*.py")} - {*EMBEDDED, *ROOT.glob("local/tests/**/*.py")})
TESTS = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("local/tests/**/*.py")])
# Where an amount, a price or a count of stock is decided on.
RULES = [path for path in PRODUCT if {"domain", "kernel"} & {path.stem, path.parent.name}]

LONGEST_FILE = [(PRODUCT, 170), (LOCAL, 150), (EMBEDDED, 250), (TESTS, 400), (PATHS, 1000)]
LONGEST_FUNCTION = 30
# Where code may pause, since it waits for nothing.
PAUSES = {
    "services/payment-provider/src/payment_provider/handlers/create_payment_intent.py",  # plays being slow
    "shared/jetbridge/runtime/backoff.py",  # spreads out the tries of what others are at, too
}
# Where a pause, a timeout or a moment is a number of seconds; nothing else may be a float.
SECONDS = {
    "services/payment-provider/src/payment_provider/use_cases/cards.py",
    "shared/jetbridge/runtime/backoff.py",
    "shared/jetbridge/runtime/partners.py",
    "shared/jetbridge/runtime/streams.py",
}
_EDITS_PATH = re.compile(r"\bsys\.path(\.\w+\(|\[.*\] *=|\s*\+?=[^=])")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes_of(path: Path) -> Iterator[ast.AST]:
    return ast.walk(tree_of(path))


def uses(path: Path) -> set[tuple[str, str]]:
    """Every `name.attribute` in a module."""
    found = (node for node in nodes_of(path) if isinstance(node, ast.Attribute))
    return {(node.value.id, node.attr) for node in found if isinstance(node.value, ast.Name)}


def test_a_file_is_short_enough_to_be_read() -> None:
    long: dict[str, str] = {}
    for paths, limit in LONGEST_FILE:
        lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
        long |= {name: f"{count} of {limit}" for name, count in lines.items() if count > limit}
    assert long == {}


def test_a_function_is_short_enough_to_be_seen_whole() -> None:
    long = {
        f"{name_of(path)}: {node.name}"
        for path in (*PRODUCT, *LOCAL, *EMBEDDED)
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }
    assert long == set()


def test_a_module_says_what_it_is_for() -> None:
    modules = [*PRODUCT, *LOCAL, *EMBEDDED, *TESTS]
    silent = [
        name_of(path) for path in modules if tree_of(path).body and not ast.get_docstring(tree_of(path))
    ]
    assert silent == []


def test_no_module_edits_the_path_that_it_is_found_on() -> None:
    modules = [*PRODUCT, *LOCAL, *EMBEDDED, *TESTS]
    assert [name_of(path) for path in modules if _EDITS_PATH.search(path.read_text(encoding="utf-8"))] == []


def test_no_product_code_sleeps_to_wait_for_something() -> None:
    assert {name_of(path) for path in PRODUCT if ("time", "sleep") in uses(path)} == PAUSES


def has_floats(path: Path) -> bool:
    def is_float(node: ast.AST) -> bool:
        match node:
            case ast.Constant(value=float()) | ast.Name(id="float") | ast.BinOp(op=ast.Div()):
                return True
        return False

    return any(is_float(node) for node in nodes_of(path))


def test_no_rule_counts_in_floats() -> None:
    assert RULES
    assert [name_of(path) for path in RULES if has_floats(path)] == []


def test_only_seconds_are_floats() -> None:
    assert {name_of(path) for path in PRODUCT if has_floats(path)} == SECONDS


def test_only_a_bootstrap_makes_clients_and_only_settings_read_the_environment() -> None:
    sessions = {("boto3", "client"), ("boto3", "resource"), ("session", "get_session")}
    makers = {name_of(path) for path in PRODUCT if {("aws", "client"), *sessions} & uses(path)}
    assert {name for name in makers if not name.endswith("/bootstrap.py")} == {
        "shared/jetbridge/runtime/aws.py"
    }
    readers = {name_of(path) for path in PRODUCT if {("os", "environ"), ("os", "getenv")} & uses(path)}
    assert readers == {"shared/jetbridge/runtime/settings.py"}
