"""What AWS limits and the embedded AWS does not: lengths of names, sizes of batches."""

import ast
from typing import Any

import pytest

from checks.templates import PATHS, ROOT, Template, load, target_of

TEMPLATES = [load(path) for path in PATHS]
PIPES = [
    (template, name, it) for template in TEMPLATES for name, it in template.resources("Pipes::Pipe").items()
]
BUS_TAKES = 10  # events at once; a pipe that has more of them does not call the bus
LONGEST_STAGE = "a" * 12
LONGEST_ARCHIVE_NAME = 48


@pytest.mark.parametrize(("template", "pipe"), [(it[0], it[2]) for it in PIPES], ids=[it[1] for it in PIPES])
def test_a_batch_of_changes_is_no_more_events_than_the_bus_takes(
    template: Template, pipe: dict[str, Any]
) -> None:
    batch = pipe["SourceParameters"]["DynamoDBStreamParameters"]["BatchSize"]
    assert batch * events_of_a_change(template, pipe) <= BUS_TAKES


def events_of_a_change(template: Template, pipe: dict[str, Any]) -> int:
    """As many as the enrichment has functions that each make one of it."""
    if "Enrichment" not in pipe:
        return 1
    enrichment = target_of(pipe["Enrichment"])
    assert enrichment
    *module, _ = template.functions()[enrichment]["Handler"].split(".")
    path = ROOT.joinpath("services", template.name, "src", *module).with_suffix(".py")
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    (told,) = [it for it in calls if isinstance(it.func, ast.Name) and it.func.id == "events_of"]
    _records, *tells = told.args
    return len(tells)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_an_archive_has_a_name_of_its_own_and_a_short_one(template: Template) -> None:
    """One that is made from the name of a nested stack can be too long for EventBridge."""
    for archive in template.resources("Events::Archive").values():
        name = archive["ArchiveName"]["Fn::Sub"].replace("${Stage}", LONGEST_STAGE)
        assert "${" not in name
        assert len(name) <= LONGEST_ARCHIVE_NAME
