"""The locked requirements are what pyproject.toml names; and no file of the project says where to get them.

usage: python -m checks.locks [--write]     without --write: fails if a lock is stale
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.templates import ROOT

_DEVELOPMENT = ROOT / "requirements" / "dev.txt"
LOCKS = {
    "dev": _DEVELOPMENT,
    "layer": ROOT / "shared" / "requirements.txt",
    "emulator": ROOT / "requirements" / "emulator.txt",
    "runtime": ROOT / "requirements" / "runtime.txt",
}
_COMPILE = "pip compile pyproject.toml --quiet --universal --python-version 3.13 --generate-hashes"
_PLAIN = "--no-header --no-annotate --no-emit-index-url --no-emit-find-links"
# Whoever installs has an index of their own; an address of one in a file would win over it.
_INDEX = re.compile(
    r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs[.]org|^\s*--(extra-)?index-url", re.MULTILINE
)


class CannotLock(Exception):
    """uv found no answer; it says why."""


def compiled(group: str, present: Path) -> str:
    """The lock of a group as uv makes it, keeping every version of `present` that still fits."""
    # The layer takes the versions that the tests ran with.
    constraint = ["--constraint", str(_DEVELOPMENT)] if group == "layer" else []
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / "lock.txt"
        shutil.copy(present, made)
        uv = str(Path(sys.executable).with_name("uv"))
        command = [uv, *_COMPILE.split(), *_PLAIN.split(), "--group", group, *constraint, "-o", str(made)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotLock(done.stderr.strip())
        return made.read_text(encoding="utf-8")


def stale_locks() -> Iterator[str]:
    for group, lock in LOCKS.items():
        if compiled(group, lock) != lock.read_text(encoding="utf-8"):
            yield f"{lock.relative_to(ROOT)} is not what pyproject.toml asks for. Run `make lock`."


def named_indexes(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        if file.is_file() and _INDEX.search(file.read_text(encoding="utf-8", errors="replace")):
            yield f"{file.relative_to(ROOT)} names a package index."


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def write() -> None:
    for group, lock in LOCKS.items():
        lock.write_text(compiled(group, lock), encoding="utf-8")


def main(arguments: list[str]) -> int:
    try:
        if "--write" in arguments:
            write()
        found = [*stale_locks(), *named_indexes(committed())]
    except CannotLock as reason:
        found = [f"uv could not resolve the versions: {reason}"]
    print("\n".join(found) or f"{len(LOCKS)} locks are fresh, and no file names a package index")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
