"""Every function: one runtime, the shared layer, compiled code, a handler that is there, and its settings."""

import ast
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from checks.templates import PATHS, ROOT, Template, load
from jetbridge.runtime.settings import Settings

TEMPLATES = [load(path) for path in PATHS]
FUNCTIONS = [(template, name) for template in TEMPLATES for name in template.functions()]
EACH = pytest.mark.parametrize(
    ("template", "name"), FUNCTIONS, ids=[f"{template.name}-{name}" for template, name in FUNCTIONS]
)
LONGEST_TIMEOUT = 900
RETENTION_DAYS = 30
# Read by what a handler shares with others, on a way that this one never goes.
REPEATABLE = (
    "GetPaymentIntentFunction",
    "ListPaymentIntentsFunction",
    "ListRefundsFunction",
    "PutTransferFunction",
    "DeleteTransferFunction",
)
NEVER_REACHED = {name: {"IDEMPOTENCY_TABLE_NAME"} for name in REPEATABLE}  # it needs no record of it
# Read by Powertools and by the AWS SDK, not by our settings.
OF_LIBRARIES = re.compile(r"(POWERTOOLS|AWS)_\w+")


def module_of(function: dict[str, Any]) -> str:
    return str(function["Handler"]).rpartition(".")[0]


@EACH
def test_there_is_one_runtime_and_it_is_that_of_the_project(template: Template, name: str) -> None:
    version = (ROOT / ".python-version").read_text().strip()
    assert template.functions()[name]["Runtime"] == f"python{version}"


@EACH
def test_a_function_has_the_layer_and_is_built_with_compiled_code(template: Template, name: str) -> None:
    assert template.functions()[name]["Layers"] == [{"Ref": "LayerArn"}]
    assert template.body["Resources"][name]["Metadata"] == {"BuildMethod": "makefile"}


@EACH
def test_a_function_is_traced_bounded_and_says_what_it_is_for(template: Template, name: str) -> None:
    function = template.functions()[name]
    assert function["Tracing"] == "Active"
    assert 1 <= function["Timeout"] <= LONGEST_TIMEOUT
    assert function["Description"]


@EACH
def test_functions_of_a_service_log_into_one_group_that_forgets(template: Template, name: str) -> None:
    group = template.body["Resources"][template.functions()[name]["LoggingConfig"]["LogGroup"]["Ref"]]
    assert group["Properties"]["LogGroupName"] == {"Fn::Sub": f"/jetbridge/${{Stage}}/{template.name}"}
    assert group["Properties"]["RetentionInDays"] == RETENTION_DAYS


@EACH
def test_a_handler_is_there_and_importing_it_needs_no_environment(template: Template, name: str) -> None:
    function = template.functions()[name]
    module, entry = function["Handler"].rsplit(".", 1)
    assert (entry, module.split(".")[1]) == ("handler", "handlers")
    assert module.split(".")[0] == template.name.replace("-", "_")
    assert callable(import_module(module).handler)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_one_function_is_one_action(template: Template) -> None:
    handlers = [function["Handler"] for function in template.functions().values()]
    assert len(set(handlers)) == len(handlers)


@EACH
def test_every_setting_that_a_function_reads_is_a_variable_of_it(template: Template, name: str) -> None:
    settings = settings_of(module_of(template.functions()[name])).items()
    required = {field.upper() for field, needed in settings if needed}
    given = set(template.functions()[name]["Environment"]["Variables"])
    assert required - NEVER_REACHED.get(name, set()) <= given


@EACH
def test_every_variable_of_a_function_itself_is_a_setting_that_it_reads(
    template: Template, name: str
) -> None:
    own = template.resources("Serverless::Function")[name].get("Environment", {}).get("Variables", {})
    read = {field.upper() for field in settings_of(module_of(template.functions()[name]))}
    assert {variable for variable in own if not OF_LIBRARIES.fullmatch(variable)} <= read


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_variable_of_all_functions_is_read_by_one_of_them(template: Template) -> None:
    common = template.body.get("Globals", {}).get("Function", {}).get("Environment", {}).get("Variables", {})
    functions = template.functions().values()
    read = {field.upper() for function in functions for field in settings_of(module_of(function))}
    assert {variable for variable in common if not OF_LIBRARIES.fullmatch(variable)} <= read


def settings_of(handler: str) -> dict[str, bool]:
    """The settings that a handler reads through its bootstrap: field, and whether it must be there."""
    package = handler.partition(".")[0]
    classes = _settings_behind(package, frozenset(_bootstrapped(handler)))
    fields = [item for kind in classes for item in kind.model_fields.items()]
    return {name: field.is_required() for name, field in fields}


@cache
def _bootstrapped(module: str) -> set[str]:
    """What a handler asks of its bootstrap, itself or through the modules beside it."""
    tree, package = _tree(module), module.rpartition(".")[0]
    asked = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "bootstrap"
    }
    beside = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return asked.union(*(_bootstrapped(it) for it in beside if it.startswith(f"{package}.")))


@cache
def _settings_behind(package: str, asked: frozenset[str]) -> set[type[Settings]]:
    """The settings that functions of a bootstrap read, themselves or through each other."""
    bootstrap = import_module(f"{package}.bootstrap")
    bodies = {
        node.name: node for node in _tree(f"{package}.bootstrap").body if isinstance(node, ast.FunctionDef)
    }
    todo, seen = list(asked), set[str]()
    while todo:
        name = todo.pop()
        if name in bodies and name not in seen:
            todo += [node.id for node in ast.walk(bodies[name]) if isinstance(node, ast.Name)]
        seen.add(name)
    found = (getattr(bootstrap, name, None) for name in seen)
    return {kind for kind in found if isinstance(kind, type) and issubclass(kind, Settings)}


def _tree(module: str) -> ast.Module:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
