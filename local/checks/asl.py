"""State machines, checked before any deploy: neither `sam validate` nor the embedded AWS finds a broken one.

usage: python -m checks.asl [FILE.asl.json ... template.yaml ...]     without files: all of the project
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from checks.asl_expressions import faults_of_expressions
from checks.asl_states import faults_of_machine
from checks.templates import PATHS, load

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)}")

type Uses = dict[Path, dict[str, set[str]]]


def check(machines: Iterable[Path], templates: Iterable[Path]) -> Iterator[tuple[Path, list[str]]]:
    """The faults of each machine, and of each template that names a machine which is not there."""
    uses: Uses = {}
    for template in templates:
        missing = [
            f"{name}: {file} is not there" for name, file in _collect(template, uses) if not file.exists()
        ]
        if missing:
            yield template, missing
    for machine in machines:
        text = machine.read_text(encoding="utf-8")
        yield machine, [*_faults(text), *_faults_of_substitutions(text, uses.get(machine.resolve(), {}))]


def _faults(text: str) -> list[str]:
    try:
        machine = json.loads(text)
    except ValueError as error:
        return [f"not JSON: {error}"]
    if not isinstance(machine, dict):
        return ["not a JSON object"]
    return [*faults_of_machine(machine), *faults_of_expressions(_PLACEHOLDER.sub("1", text))]


def _faults_of_substitutions(text: str, users: dict[str, set[str]]) -> Iterator[str]:
    """Every `${Name}` has its value in every template that uses the file, and every value its `${Name}`."""
    named = set(_PLACEHOLDER.findall(text))
    if not users:
        yield "no template has a state machine of this file"
    for user, given in users.items():
        yield from (f"${{{name}}} has no DefinitionSubstitutions in {user}" for name in sorted(named - given))
        yield from (f"{user} substitutes {name}, which is not named" for name in sorted(given - named))


def _collect(template: Path, uses: Uses) -> Iterator[tuple[str, Path]]:
    """The state machines of a template with their files, each noted in `uses`."""
    for name, properties in load(template).resources("Serverless::StateMachine").items():
        if "DefinitionUri" in properties:
            file = (template.parent / properties["DefinitionUri"]).resolve()
            given = set(properties.get("DefinitionSubstitutions", {}))
            uses.setdefault(file, {})[f"{template.parent.name}/{template.name}: {name}"] = given
            yield name, file


def main(arguments: list[str]) -> int:
    given = [Path(argument) for argument in arguments]
    if not given:
        given = [*sorted(Path("statemachines").glob("*.asl.json")), *PATHS]
    machines = [path for path in given if path.name.endswith(".asl.json")]
    broken = False
    for path, faults in check(machines, [path for path in given if path not in machines]):
        broken |= bool(faults)
        print(f"{path}: {'sound' if not faults else f'{len(faults)} faults'}")
        for fault in faults:
            print(f"  {fault}")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
