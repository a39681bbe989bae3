"""Each service stands alone; the root composes them and passes each what it needs."""

import re
from typing import Any

import pytest

from checks.templates import PATHS, ROOT, Template, load, names_in, target_of

TEMPLATES = [load(path) for path in PATHS]
EACH = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
ROOT_TEMPLATE = load(ROOT / "template.yaml")
CHILDREN = ROOT_TEMPLATE.resources("Serverless::Application")
EACH_CHILD = pytest.mark.parametrize("child", CHILDREN)
FROM_SSM = "AWS::SSM::Parameter::Value<String>"
SSM_NAME = re.compile(r"/jetbridge/dev/([a-z-]+)/[a-z-]+")


def template_of(child: str) -> Template:
    return load(ROOT / CHILDREN[child]["Location"])


def needs_of(template: Template) -> dict[str, str]:
    """Parameters that are read from SSM, with the name that they are read from in the stage dev."""
    parameters = template.body.get("Parameters", {})
    return {name: it["Default"] for name, it in parameters.items() if it["Type"] == FROM_SSM}


def gives_of(template: Template) -> set[str]:
    published = template.resources("SSM::Parameter").values()
    return {str(it["Name"]["Fn::Sub"]).replace("${Stage}", "dev") for it in published}


@EACH
def test_what_a_service_needs_is_what_another_one_gives(template: Template) -> None:
    others = set().union(*(gives_of(other) for other in TEMPLATES if other != template))
    assert set(needs_of(template).values()) <= others


@EACH
def test_what_a_service_gives_stands_under_its_own_name(template: Template) -> None:
    owners = {match[1] if (match := SSM_NAME.fullmatch(name)) else name for name in gives_of(template)}
    assert owners <= {template.name}


@EACH
def test_a_template_stands_alone(template: Template) -> None:
    """Everything that it refers to is in it, and it imports nothing of another stack."""
    body = template.body
    referred = names_in([body["Resources"], body.get("Outputs", {}), body.get("Globals", {})])
    assert {name for name in referred if not name.startswith("AWS::")} <= template.names()
    assert "Fn::ImportValue" not in str(body)


def test_every_service_is_a_child_of_the_root() -> None:
    assert sorted(str(child["Location"]) for child in CHILDREN.values()) == sorted(
        str(path.relative_to(ROOT)) for path in PATHS
    )


def test_the_root_only_composes() -> None:
    assert {resource["Type"] for resource in ROOT_TEMPLATE.body["Resources"].values()} == {
        "AWS::Serverless::Application"
    }


@EACH_CHILD
def test_a_child_gets_every_parameter_that_it_needs_and_that_the_root_has(child: str) -> None:
    declared, passed = template_of(child).body.get("Parameters", {}), CHILDREN[child]["Parameters"]
    assert passed.keys() <= declared.keys()
    shared = declared.keys() & ROOT_TEMPLATE.body["Parameters"].keys()
    assert passed.keys() == shared | needs_of(template_of(child)).keys()


@EACH_CHILD
def test_a_childs_needs_are_those_of_the_roots_stage(child: str) -> None:
    passed = CHILDREN[child]["Parameters"]
    for name, default in needs_of(template_of(child)).items():
        assert in_stage_dev(passed[name]) == default
    for name in passed.keys() & ROOT_TEMPLATE.body["Parameters"].keys():
        assert target_of(passed[name]) == name


def in_stage_dev(passed: Any) -> str:
    """The SSM name that the root passes by default: written, or the name that another child puts out."""
    if "Fn::Sub" in passed:
        return str(passed["Fn::Sub"]).replace("${Stage}", "dev")
    _, from_child, _ = passed["Fn::If"]
    child, output = from_child["Fn::GetAtt"]
    published = template_of(child).body["Outputs"][output.removeprefix("Outputs.")]["Value"]["Ref"]
    return in_stage_dev(template_of(child).resources("SSM::Parameter")[published]["Name"])


@EACH_CHILD
def test_a_child_comes_after_those_whose_gifts_it_needs(child: str) -> None:
    needed = set(needs_of(template_of(child)).values())
    givers = {name for name in CHILDREN if gives_of(template_of(name)) & needed}
    assert givers <= before(child)


def before(child: str) -> set[str]:
    """Children that stand when this one is deployed."""
    named: Any = ROOT_TEMPLATE.body["Resources"][child].get("DependsOn", [])
    direct = {named} if isinstance(named, str) else set(named)
    direct |= names_in(CHILDREN[child]["Parameters"]) & CHILDREN.keys()
    return direct.union(*(before(name) for name in direct))
