"""The one way to replace names of ministack, checked first: an upgrade fails at start, with advice."""

import ast
import functools
import inspect
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

Function = Callable[..., Any]
LARGEST_TABLE = 500  # of handlers by action; what is larger is data


class OverlayMismatch(RuntimeError):
    """ministack is not the version that this overlay was written for."""


def replace(owner: Any, name: str, parameters: str, replacement: Function) -> None:
    """Put `replacement` where `owner.name` is.

    `parameters` names the leading parameters that we rely on, space separated.
    Raises OverlayMismatch when the name is gone or takes other parameters.
    """
    original = _check(owner, name, parameters, replacement.__module__)
    _put(owner, name, original, replacement)


def wrap(owner: Any, name: str, parameters: str) -> Callable[[Function], Function]:
    """Decorate a replacement that takes what it replaces as its first argument; see `replace`."""

    def decorate(replacement: Function) -> Function:
        original = _check(owner, name, parameters, replacement.__module__)

        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            return replacement(original, *args, **kwargs)

        _put(owner, name, original, call)
        return replacement

    return decorate


def _put(owner: Any, name: str, original: Function, replacement: Function) -> None:
    """In its own place, and where else ministack keeps it: imported by name, or in a table of handlers."""
    setattr(owner, name, replacement)
    for module in [each for key, each in sys.modules.items() if key.startswith("ministack.")]:
        for key, value in list(vars(module).items()):
            if value is original:
                setattr(module, key, replacement)
            elif type(value) is dict and len(value) < LARGEST_TABLE:
                value.update({each: replacement for each, kept in value.items() if kept is original})


def _check(owner: Any, name: str, parameters: str, ours: str) -> Function:
    original = getattr(owner, name, None)
    place = f"{owner.__name__}.{name}"
    if not callable(original):
        raise OverlayMismatch(_advice(ours, f"{place}({parameters}), which is gone"))
    found = " ".join(inspect.signature(original).parameters)
    if not f"{found} ".startswith(f"{parameters} "):
        needed = f"{place} to begin with the parameters ({parameters}); it has ({found})"
        raise OverlayMismatch(_advice(ours, needed))
    return original  # type: ignore[no-any-return]


def require_names(modules: Iterable[ModuleType]) -> None:
    """Check every `alias.name` in the sources of `modules` whose alias is a module of ministack."""
    for module in modules:
        if module.__file__ is None:
            continue
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
                continue
            used = getattr(module, node.value.id, None)
            if not isinstance(used, ModuleType) or not used.__name__.startswith("ministack"):
                continue
            if not hasattr(used, node.attr):
                raise OverlayMismatch(_advice(module.__name__, f"{used.__name__}.{node.attr}, which is gone"))


def overlay_modules() -> list[ModuleType]:
    return [module for name, module in sorted(sys.modules.items()) if name.startswith("embedded.")]


def _advice(ours: str, need: str) -> str:
    return (
        f"{ours} needs {need} (ministack {version('ministack')}). The overlay fits the version pinned in "
        f"requirements/emulator.txt: install that, or read what took the name's place, "
        f"adapt local/{ours.replace('.', '/')}.py and run: pytest local/tests"
    )
