"""What reviewers would say each time, said once."""

import ast
import re
from pathlib import Path

import pytest

from checks.templates import PATHS, ROOT

PRODUCT = sorted([*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("shared/jetbridge/**/*.py")])
LOCAL = sorted(path for path in ROOT.glob("local/*/*.py") if path.parent.name != "tests")
TESTS = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("local/tests/**/*.py")])
MONEY = [
    path for path in PRODUCT if "domain" in path.stem or path.parent.name == "domain" or path.stem == "money"
]

LONGEST_FILE = {"product": 150, "local": 150, "embedded": 250, "test": 400, "template": 450}
LONGEST_FUNCTION = 30
# Where code may pause, since it waits for nothing.
PAUSES = {
    "services/inventory/src/inventory/bootstrap.py",  # spreads out the tries of a contested write
    "services/payment-provider/src/payment_provider/handlers/create_payment_intent.py",  # plays being slow
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def kind_of(path: Path) -> str:
    if path in TESTS:
        return "test"
    if path.suffix == ".yaml":
        return "template"
    return "embedded" if path.parent.name == "embedded" else "local" if path in LOCAL else "product"


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=name_of)


def tree_of(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@each([*PRODUCT, *LOCAL, *TESTS, *PATHS])
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE[kind_of(path)]


@each([*PRODUCT, *LOCAL])
def test_a_function_is_short_enough_to_be_seen_whole(path: Path) -> None:
    functions = [node for node in tree_of(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {it.name for it in functions if (it.end_lineno or 0) - it.lineno + 1 > LONGEST_FUNCTION}
    assert long == set()


@each([*PRODUCT, *LOCAL, *TESTS])
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.name == "__init__.py"


@each([*PRODUCT, *LOCAL, *TESTS])
def test_no_module_edits_the_path_that_it_is_found_on(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\bsys\.path(\.\w+\(|\[.*\] *=|\s*\+?=[^=])", text)


@each(PRODUCT)
def test_no_product_code_sleeps_to_wait_for_something(path: Path) -> None:
    sleeps = any(isinstance(node, ast.Attribute) and node.attr == "sleep" for node in tree_of(path))
    assert sleeps == (name_of(path) in PAUSES)


@each(MONEY)
def test_no_rule_counts_money_or_stock_in_floats(path: Path) -> None:
    for node in tree_of(path):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), node.lineno
        assert not (isinstance(node, ast.Name) and node.id == "float"), node.lineno
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)), node.lineno


@each([path for path in PRODUCT if path.stem not in ("bootstrap", "settings", "aws")])
def test_only_a_bootstrap_reads_the_environment_or_makes_clients(path: Path) -> None:
    for node in tree_of(path):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in {
                ("os", "environ"),
                ("os", "getenv"),
                ("boto3", "client"),
            }
            assert (node.value.id, node.attr) not in {("aws", "client"), ("boto3", "resource")}
