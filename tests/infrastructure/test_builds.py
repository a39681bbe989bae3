"""What `sam build` makes is compiled, complete and clean."""

import marshal
import os
import re
import subprocess
import sys
from pathlib import Path
from types import CodeType
from typing import get_args, get_overloads

import pytest

from checks.templates import ROOT, service
from jetbridge.runtime import aws

SOURCE = ROOT / "services" / "orders" / "src"
_HASH_BASED_UNCHECKED = 0b01
_HEADER = 16  # bytes of magic number, flags and source hash in front of the code


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A function of orders as Lambda gets it."""
    target = tmp_path_factory.mktemp("build")
    tools = Path(sys.executable).parent
    before = set(_sources())
    subprocess.run(
        [
            tools / "sam",
            "build",
            "--no-cached",
            "--template",
            "services/orders/template.yaml",
            "--build-dir",
            target,
        ],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "SAM_CLI_TELEMETRY": "0"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert set(_sources()) == before, "a build leaves nothing among the sources"
    assert {path.name for path in target.iterdir() if path.is_dir()} == set(service("orders").functions())
    return target / "PlaceOrderFunction"


def _sources() -> list[Path]:
    return [path for path in SOURCE.rglob("*") if "__pycache__" not in path.parts]


def test_every_module_has_code_that_needs_no_look_at_its_source(built: Path) -> None:
    modules = sorted(built.rglob("*.py"))
    assert modules
    for module in modules:
        compiled = module.parent / "__pycache__" / f"{module.stem}.{sys.implementation.cache_tag}.pyc"
        flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
        assert flags == _HASH_BASED_UNCHECKED, module


def test_tracebacks_name_the_files_as_they_lie_in_lambda(built: Path) -> None:
    compiled = built / "orders/handlers/__pycache__" / f"place_order.{sys.implementation.cache_tag}.pyc"
    code: CodeType = marshal.loads(compiled.read_bytes()[_HEADER:])  # noqa: S302 - our own build
    assert code.co_filename == "/var/task/orders/handlers/place_order.py"


def test_a_function_holds_its_own_package_whole_and_nothing_else(built: Path) -> None:
    assert {path.name for path in built.iterdir()} == {"orders"}
    made = {path.relative_to(built) for path in built.rglob("*") if "__pycache__" not in path.parts}
    assert made == {path.relative_to(SOURCE) for path in _sources()} - {Path("Makefile")}


def test_the_layer_knows_every_service_that_has_a_client() -> None:
    clients = {get_args(way.__annotations__["service"])[0] for way in get_overloads(aws.client)}
    made = (ROOT / "shared" / "Makefile").read_text(encoding="utf-8")
    [kept] = re.findall(r"^SERVICES = (.+)$", made, re.MULTILINE)
    assert set(kept.split()) == clients | {"xray"}  # where the X-Ray SDK may ask for its sampling rules
